"""Own recordings in CSV files to a trained model, a report, and labels over time for recordings that come later.

KERAS_BACKEND=torch python examples/own_recordings.py                          # made-up recordings
KERAS_BACKEND=torch python examples/own_recordings.py recordings --epochs 20   # yours, with columns as in HEADER
"""

import argparse
from pathlib import Path

import numpy as np

from kerashar import Recipe, train
from kerashar.data.tables import guess_layout, import_recordings
from kerashar.prediction import predict_tables
from kerashar.report import write_report
from kerashar.training import look_at_test, recipe_split

HEADER = "time,acceleration_x,acceleration_y,acceleration_z,activity,subject"


def made_up(folder: Path) -> Path:
    """Five people at 25 Hz who sit for 20 s and walk for 20 s, in g."""
    generator, seconds = np.random.default_rng(0), np.arange(1000) / 25
    folder.mkdir(parents=True, exist_ok=True)
    for subject in ("anna", "ben", "carl", "dora", "eva"):
        walks = seconds >= 20
        steps = walks * np.sin(2 * np.pi * generator.uniform(1.6, 2.2) * seconds)
        signal = np.outer(steps, (0.1, 0.05, 0.3)) + np.array([0, 0, 1]) + generator.normal(0, 0.03, (1000, 3))
        rows = [
            f"{time:.2f},{x:.4f},{y:.4f},{z:.4f},{'walking' if walk else 'sitting'},{subject}"
            for time, (x, y, z), walk in zip(seconds, signal, walks, strict=True)
        ]
        (folder / f"{subject}.csv").write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", type=Path, nargs="?", help="a CSV file, or a folder of them; otherwise made up")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("runs/own_recordings"))
    options = parser.parse_args()
    source = options.recordings or made_up(options.out / "recordings")
    layout = guess_layout(source)
    print(f"{layout.rate:g} Hz, channels in their units: {dict(zip(layout.channels, layout.units, strict=True))}")
    data = import_recordings(source, layout, name="own", out=options.out / "data", replace=True)

    recipe = Recipe(data=str(data), model_settings={"hidden": 16, "blocks": 1}, epochs=options.epochs, batch_size=16)
    split, run = recipe_split(recipe), options.out / "run"  # a run that is there already is read, not repeated
    result = train(recipe, split, run)
    print(f"people who chose the epoch: {result.validation.accuracy:.1%}")
    print(f"people whom nothing saw:    {look_at_test(run, result.model, split.test).accuracy:.1%}")
    write_report(run, run / "report.html")
    report = predict_tables(result.model, source, options.out / "labels")
    print(f"{report.files} recordings labelled in {options.out / 'labels'}; read {run / 'report.html'}")


if __name__ == "__main__":
    main()
