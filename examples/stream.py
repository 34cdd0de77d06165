"""A causal model that follows a signal sample by sample, on NumPy alone and as an ONNX model.

KERAS_BACKEND=torch python examples/stream.py                       # made-up activities
KERAS_BACKEND=torch python examples/stream.py mine --epochs 20      # a data set: see `kerashar data`
"""

import argparse
from pathlib import Path

import numpy as np

from kerashar import Recipe, WindowSet, load_split, train
from kerashar.data import SubjectSplit, split_by_subject
from kerashar.export import export_stream
from kerashar.inference import NumpyStream, RunningDecision, Stream

CLASSES = ("still", "walking", "running")


def made_up() -> SubjectSplit:
    """Six people at 32 Hz: the faster they move, the stronger and quicker their signal swings."""
    generator, labels = np.random.default_rng(0), np.arange(180) % 3
    people = np.repeat(list("abcdef"), 30)
    swings = labels[:, None] * np.sin(np.arange(64) * 0.2 * (1 + labels[:, None]) + generator.uniform(0, 6, (180, 1)))
    windows = np.stack([swings, -swings, 0 * swings + 1], axis=-1) + generator.normal(0, 0.2, (180, 64, 3))
    starts = np.tile(np.arange(30) * 64, 6)
    made = WindowSet(windows, labels, people, people, starts, 32.0, ("x", "y", "z"), ("g", "g", "g"), CLASSES)
    return split_by_subject(made, test_subjects=["a"], validation_subjects=["b"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", help="a data set by its name or folder; otherwise made up")
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--out", type=Path, default=Path("runs/stream"))
    options = parser.parse_args()
    split = load_split(options.data) if options.data else made_up()
    recipe = Recipe("causal_modern_tcn", {"hidden": 16, "blocks": 1}, epochs=options.epochs, batch_size=16)
    model = train(recipe, split, options.out).model
    Stream(model).save(options.out / "model.stream.npz")
    difference = export_stream(model, options.out / "stream.onnx")
    print(f"stream.onnx gives what the model gives within {difference:.0e}")

    stream, decision = NumpyStream.load(options.out / "model.stream.npz"), RunningDecision(length=16)
    state, memory = stream.initial_state(), decision.initial_state(split.train.num_classes)
    order = np.argsort(split.test.labels, kind="stable")[::2]  # one activity after the other, as a day has them
    right = 0
    for window, label in zip(split.test.windows[order], split.test.labels[order], strict=True):
        for sample in window:  # one by one, as a sensor sends them
            logits, state = stream.step(sample[None, None], state)
            shares, memory = decision.step(logits, memory)
        said = shares[0, -1].argmax()
        right += int(said == label)
        print(f"{state.samples / split.train.rate:5.1f} s: {split.train.class_names[said]}")
    print(f"right at the end of {right} of {len(order)} windows")


if __name__ == "__main__":
    main()
