"""Studies that are killed at random moments, and what must hold all the same.

`make chaos` runs it: for each seed the driver of a study of a stand-in is killed with -9 again and again. The study
goes on until it ends, and is then compared with one that nobody disturbed.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from kerashar.models import create_model, save_model
from kerashar.studies.standing import read_decisions
from tests.studies.stand_in import MODEL

ROOT = Path(__file__).parents[2]
DEADLINE = 900.0
MOST_KILLS = 6


def prepare(folder: Path) -> Path:
    """Write the model that stands for all, and run the study that nobody disturbs."""
    save_model(create_model("modern_tcn", (128, 6), 7, hidden=4, blocks=1), folder / "model.keras")
    assert start(folder, folder / "study").wait(DEADLINE) == 0
    return folder / "study"


def start(folder: Path, run: Path) -> subprocess.Popen:
    """A process that runs, or goes on with, the study in `run`."""
    environment = {**os.environ, MODEL: str(folder / "model.keras")}
    return subprocess.Popen([sys.executable, "-m", "tests.studies.stand_in", str(run)], env=environment, cwd=ROOT)


def facts(run: Path) -> tuple[list[Any], list[Any]]:
    """What a study came to, apart from times."""
    with (run / "results.csv").open(newline="", encoding="utf-8") as file:
        rows = [{name: value for name, value in row.items() if "milli" not in name} for row in csv.DictReader(file)]
    return [each.to_json() for each in read_decisions(run)], rows


def check(run: Path, undisturbed: Path) -> None:
    """What must hold of a disturbed study."""
    assert facts(run) == facts(undisturbed)
    for worked in (*run.glob("runs/*/worked.txt"), *run.glob("*/search/trials/*/worked.txt")):
        epochs = worked.read_text().split()
        assert epochs == sorted(set(epochs)), f"{worked} repeats epochs: {epochs}"


def disturb(folder: Path, run: Path, seed: int) -> int:
    """Run a study to its end while killing it at random; how often it was killed."""
    chance, killed, end = np.random.default_rng(seed), 0, time.monotonic() + DEADLINE
    while time.monotonic() < end:
        driver = start(folder, run)
        try:
            code = driver.wait(chance.uniform(8.0, 25.0) if killed < MOST_KILLS else DEADLINE)
        except subprocess.TimeoutExpired:
            driver.kill()
            driver.wait()
            killed += 1
            continue
        assert code == 0
        return killed
    raise TimeoutError(f"The study in {run} did not end within {DEADLINE} s.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    seeds = parser.parse_args().seeds
    with tempfile.TemporaryDirectory() as scratch:
        folder, kills, began = Path(scratch), 0, time.monotonic()
        undisturbed = prepare(folder)
        for seed in range(seeds):
            kills += disturb(folder, folder / f"{seed}", seed)
            check(folder / f"{seed}", undisturbed)
        seconds = time.monotonic() - began
        print(f"studies: {seeds}, killed {kills} times, {seconds:.0f} s: all as it should be", flush=True)


if __name__ == "__main__":
    main()
