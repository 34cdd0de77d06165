"""Draw a report: the picture of docs/report.md.

    python docs/draw_report.py     # made-up windows of ten people; the models train for a few seconds

The picture is what a browser shows, so it needs Chromium: the system's, or what `playwright install chromium` brings.
"""

import argparse
import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from kerashar.choose_backend import choose_backend

choose_backend("torch")

from playwright.sync_api import sync_playwright

from kerashar import Recipe, SubjectSplit, WindowSet, train
from kerashar.data import split_by_subject
from kerashar.report import write_report

STEPS = {"standing": 0.0, "climbing": 1.5, "walking": 1.8, "running": 2.8}  # a second
RECIPE = Recipe(model_settings={"hidden": 16, "blocks": 1}, epochs=20, batch_size=32)


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the picture of docs/report.md.")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent / "pictures")
    options = parser.parse_args()
    split = walks()
    with TemporaryDirectory() as own:
        runs = Path(own)
        train(RECIPE, split, runs / "plain")
        train(replace(RECIPE, augmentation={"jitter": True, "scaling": 0.1}), split, runs / "augmented")
        page = runs / "report.html"
        write_report(runs / "plain", page, runs / "augmented", samples=split)
        photograph(page, options.folder / "run_report.png")


def walks() -> SubjectSplit:
    """Windows of ten people, whose steps have a pace and a strength of their own."""
    generator = np.random.default_rng(0)
    people, each, time, rate = 10, 60, 100, 50.0
    labels = np.arange(people * each) % len(STEPS)
    pace = np.array(list(STEPS.values()))[labels] * generator.normal(1, 0.09, people).repeat(each)
    strength = generator.uniform(0.5, 1.0, people).repeat(each) * (1 + (labels == 3))
    phase = 2 * np.pi * (pace[:, None] * np.arange(time) / rate + generator.uniform(0, 1, (len(labels), 1)))
    step = strength[:, None] * (np.sin(phase) + 0.4 * np.sin(2 * phase)) * (pace > 0)[:, None]
    swing = strength[:, None] * np.sin(phase / 2) * (pace > 0)[:, None]
    clean = np.stack([step, 0.3 * swing, 1 + 0.2 * step, 0.5 * swing, swing, 0.3 * step], axis=-1)
    names = np.array([f"person {number}" for number in range(1, 1 + people)]).repeat(each)
    windows = WindowSet(
        windows=clean + generator.normal(0, 0.25, clean.shape),
        labels=labels,
        subjects=names,
        recordings=names,
        starts=np.tile(np.arange(each) * time, people),
        rate=rate,
        channels=tuple(f"{place}_acceleration_{axis}" for place in ("phone", "watch") for axis in "xyz"),
        units=("g",) * 6,
        class_names=tuple(STEPS),
    )
    shown = [f"person {number}" for number in (2, 4, 6, 8)]
    return split_by_subject(windows, test_subjects=["person 1"], validation_subjects=shown)


def photograph(page: Path, picture: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        view = browser.new_page(viewport={"width": 1280, "height": 1500})
        view.goto(page.as_uri())
        view.screenshot(path=picture)
        browser.close()


if __name__ == "__main__":
    main()
