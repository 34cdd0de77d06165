"""What compression costs and gains on HAPT: accuracy, size of the file and time of a prediction, before and after.

    python benchmarks/compression.py --hapt ../shared/data/hapt.zip

Each model is trained on the official split, exported to ONNX, and compressed in each way; activations are calibrated
with windows of training subjects. The test subjects are measured once for each file, by ONNX Runtime on one thread.
Runs that are done stay in the folder.
"""

import argparse
import gzip
import time
from pathlib import Path

import numpy as np

from kerashar.choose_backend import choose_backend

MODELS = ("modern_tcn", "resnet1d")
EPOCHS = 6
SPARSITY = 0.5
ROUNDS = {1: 300, 64: 30}  # of predictions, by batch size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hapt", type=Path, required=True, help="the publisher's archive of HAPT")
    parser.add_argument("--backend", default="torch")
    parser.add_argument("--folder", type=Path, default=Path("runs/compression"))
    options = parser.parse_args()
    choose_backend(options.backend)
    print("| model | form | test accuracy | kilobytes | with gzip | ms, one window | ms, 64 windows |")
    print("| --- " * 7 + "|")
    for name in MODELS:
        files, test = compressed(name, options)
        sessions = {form: session_of(file) for form, file in files.items()}
        times = milliseconds(sessions, test.samples)
        for form, file in files.items():
            content = file.read_bytes()
            sizes = (len(content), len(gzip.compress(content)))
            cells = [f"{size / 1e3:.0f}" for size in sizes] + [f"{one:.2f}" for one in times[form]]
            print(f"| `{name}` | {form} | {accuracy(sessions[form], test):.2%} | {' | '.join(cells)} |", flush=True)


def compressed(name: str, options: argparse.Namespace):
    """A trained model's ONNX file in each form, and the test windows."""
    from kerashar.export import export_model, prune, quantize_static, quantize_weights
    from kerashar.export.pruning import pruning_recipe
    from kerashar.training import Recipe, recipe_split, train

    folder = options.folder / name
    recipe = Recipe(model=name, data="hapt", epochs=EPOCHS)
    split = recipe_split(recipe, archive=options.hapt)
    train(recipe, split, folder)

    def prune_and_export(file: Path) -> None:
        pruned = options.folder / f"{name}-pruned"
        prune(pruning_recipe(recipe, folder / "model.keras"), split, pruned, SPARSITY)
        export_model(pruned / "model.keras", file)

    ways = {
        "float32": lambda file: export_model(folder / "model.keras", file),
        "int8 weights": lambda file: quantize_weights(folder / "float32.onnx", file),
        "int8 static": lambda file: quantize_static(folder / "float32.onnx", file, split.train),
        f"{SPARSITY:.0%} zeros": prune_and_export,
    }
    files = {form: folder / f"{form.replace(' ', '_')}.onnx" for form in ways}
    for form, file in files.items():
        if not file.exists():
            ways[form](file)
    return files, split.test


def session_of(file: Path):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def accuracy(session, test) -> float:
    """Share of windows whose class is found."""
    parts = range(0, len(test), 256)
    logits = np.concatenate([session.run(None, {"window": test.samples[at : at + 256]})[0] for at in parts])
    return float(np.mean(logits.argmax(axis=1) == test.labels))


def milliseconds(sessions, samples) -> dict[str, list[float]]:
    """Shortest time of a prediction for each batch size, of all in turn: others may share the machine."""
    times: dict[str, list[float]] = {form: [] for form in sessions}
    for batch, rounds in ROUNDS.items():
        shortest = dict.fromkeys(sessions, float("inf"))
        for _ in range(rounds):
            for form, session in sessions.items():
                began = time.perf_counter()
                session.run(None, {"window": samples[:batch]})
                shortest[form] = min(shortest[form], time.perf_counter() - began)
        for form, seconds in shortest.items():
            times[form].append(1e3 * seconds)
    return times


if __name__ == "__main__":
    main()
