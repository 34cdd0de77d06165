"""Whole recordings through `predict_tables`, against a plain loop of `model.predict`.

    KERAS_BACKEND=torch python benchmarks/prediction.py
    KERAS_BACKEND=torch python benchmarks/prediction.py --files 10000 --seconds 20

Files are CSV of made-up acceleration, as a watch writes them. The loop is what one writes by hand: read a file with
pandas, thin it out to the model's rate, cut windows, call `model.predict`, and write the windows' labels to a CSV. The
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from kerashar import backend  # noqa: F401 (settles how the backend keeps memory)
from kerashar.models import InputCard, create_model
from kerashar.prediction import predict_tables

RATE, RECORDED = 50.0, 100.0  # Hz, of the model and of the files
LENGTH = 128
CLASSES = ("still", "walking", "running", "sitting", "standing", "lying")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=60.0, help="length of each")
    parser.add_argument("--model", default="modern_tcn")
    options = parser.parse_args()
    channels = ("acceleration_x", "acceleration_y", "acceleration_z")
    model = create_model(options.model, (LENGTH, 3), len(CLASSES))
    model.input_card = InputCard("window", CLASSES, (LENGTH, 3), RATE, channels, ("g",) * 3)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        windows = write_files(folder / "in", options.files, options.seconds)
        model.predict(windows[:256], batch_size=256, verbose=0)  # compiles
        roof = seconds(lambda: model.predict(windows, batch_size=256, verbose=0))
        loop = seconds(lambda: by_hand(model, folder))
        ours = seconds(lambda: predict_tables(model, folder / "in", folder / "out"))
    print(f"{options.model}, {keras.backend.backend()}: {options.files} files of {options.seconds:g} s")
    print("| | seconds | files a second | of the loop's time |\n| --- | --- | --- | --- |")
    for name, took in (("all windows in one call", roof), ("loop by hand", loop), ("`predict_tables`", ours)):
        print(f"| {name} | {took:.1f} | {options.files / took:.0f} | {took / loop:.2f} |")


def write_files(folder: Path, count: int, length: float) -> np.ndarray:
    """Write the files, and give back as many windows as are in them."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    times = np.arange(int(length * RECORDED)) / RECORDED
    for number in range(count):
        values = rng.normal((0, 0, 1), 0.1, (len(times), 3))
        np.savetxt(
            folder / f"{number:06}.csv",
            np.column_stack([times, values]),
            delimiter=",",
            header="time,acc_x,acc_y,acc_z",
            comments="",
            fmt="%.4f",
        )
    each = (int(length * RATE) - LENGTH) // (LENGTH // 2) + 1
    return rng.normal(0, 1, (count * each, LENGTH, 3)).astype("float32")


def by_hand(model: keras.Model, folder: Path) -> None:
    import pandas as pd

    (folder / "by_hand").mkdir()
    for path in sorted((folder / "in").iterdir()):
        signal = pd.read_csv(path)[["acc_x", "acc_y", "acc_z"]].to_numpy("float32")[:: int(RECORDED / RATE)]
        windows = np.lib.stride_tricks.sliding_window_view(signal, (LENGTH, 3))[:: LENGTH // 2, 0]
        labels = model.predict(windows, verbose=0).argmax(axis=1)
        pd.DataFrame({"start": np.arange(len(labels)) * LENGTH / 2 / RATE, "label": labels}).to_csv(
            folder / "by_hand" / path.name
        )


def seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
