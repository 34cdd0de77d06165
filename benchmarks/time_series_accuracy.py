"""What each time-series model reaches on HAPT's official subject split, with the middle of its QUICK search space.

    python benchmarks/time_series_accuracy.py ../shared/data/hapt.zip --backend torch

Each run keeps its best epoch on validation subjects and looks at the test subjects once. A run that is done stays in
its folder, so an interrupted benchmark goes on where it stopped. The table is printed at the end, as Markdown.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", type=Path, help="the publisher's archive of HAPT")
    parser.add_argument("--backend", default="torch")
    parser.add_argument("--models", default="*", help="only names that match, such as '*tcn'")
    parser.add_argument("--folder", type=Path, default=Path("runs/time-series-accuracy"))
    options = parser.parse_args()

    from kerashar import list_models

    rows = []
    for name in list_models(options.models):
        folder = options.folder / options.backend / name
        if not (folder / "test.json").exists():
            train(name, options.archive, options.backend, folder)
        rows.append(row(name, folder))
    print("| model | parameters | epochs | accuracy | macro F1 | training |")
    print("| --- | --- | --- | --- | --- | --- |")
    print("\n".join(rows))


def train(name: str, archive: Path, backend: str, folder: Path) -> None:
    """One run in a process of its own, as a user would start it."""
    options = ["--data", "hapt", "--archive", str(archive), "--backend", backend, "--space", "quick"]
    command = [sys.executable, "-m", "kerashar.cli.main", "train", name, *options, "--run", str(folder)]
    subprocess.run(command, check=True)


def row(name: str, folder: Path) -> str:
    from kerashar import load_model

    test = json.loads((folder / "test.json").read_text(encoding="utf-8"))["test"]
    lines = (folder / "history.csv").read_text(encoding="utf-8").splitlines()
    column = lines[0].split(",").index("seconds")
    seconds = [float(line.split(",")[column]) for line in lines[1:]]
    parameters = load_model(folder / "model.keras").count_params()
    return (
        f"| `{name}` | {parameters:,} | {len(seconds)} | {test['accuracy']:.2%} | {test['macro_f1']:.2%} "
        f"| {sum(seconds):.0f} s |"
    )


if __name__ == "__main__":
    main()
