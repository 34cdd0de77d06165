"""Draw what training leaves: the pictures of docs/training.md.

python docs/draw_training.py                  # trains the guide's small models on the watch recordings
python docs/draw_training.py --runs runs      # takes the guide's run folders; what is finished is only read again
"""

import argparse
import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl

mpl.use("agg")

from matplotlib import pyplot as plt

from kerashar.choose_backend import choose_backend

choose_backend("torch")

from kerashar import load_split
from kerashar.training import Recipe, TrainingResult, compare_runs, cross_validate, train
from kerashar.training.checks import CheckedRun
from kerashar.training.prepared_run import prepare

RECIPE = Recipe(model_settings={"hidden": 16, "blocks": 1}, epochs=10, data="watch")
AUGMENTED = replace(RECIPE, augmentation={"rotation3d": 15.0, "scaling": 0.1})


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the pictures of docs/training.md.")
    parser.add_argument("--runs", type=Path, help="run folders of the guide; otherwise a folder that is removed")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent / "pictures")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as own:
        draw(options.runs or Path(own), options.folder)


def draw(runs: Path, folder: Path) -> None:
    split = load_split("watch")
    checked = CheckedRun(prepare(RECIPE, split).model, split, RECIPE)
    checked.learning_rate_curve.draw(folder / "learning_rate_test.png")
    draw_curves(train(RECIPE, split, runs / "first"), folder / "training_curves.png")
    for recipe, name in ((RECIPE, "plain"), (AUGMENTED, "augmented")):
        cross_validate(recipe, split, runs / name)
    shutil.copy(runs / "plain" / "folds.png", folder)
    compare_runs(runs / "plain", runs / "augmented").draw(folder / "comparison.png")


def draw_curves(result: TrainingResult, path: Path) -> None:
    epochs = range(1, 1 + len(result.history))
    columns = {name: [figures[name] for figures in result.history] for name in result.history[0]}
    figure, (losses, scores, rates) = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
    losses.plot(epochs, columns["loss"], label="training")
    losses.plot(epochs, columns["val_loss"], label="validation")
    losses.set_title("loss")
    best = result.best_epoch
    percent = [100 * share for share in columns["val_macro_f1"]]
    scores.plot(epochs, percent, color="tab:orange")
    scores.plot(best, percent[best - 1], "o", color="tab:green", label=f"epoch {best}, which is kept")
    scores.set_title("validation macro F1 (%)")
    rates.plot(epochs, [1000 * rate for rate in columns["learning_rate"]], color="tab:gray")
    rates.set_title("learning rate (1e-3)")
    for axis in (losses, scores, rates):
        axis.set_xlabel("epoch")
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.spines[["top", "right"]].set_visible(False)
    losses.legend(frameon=False)
    scores.legend(frameon=False, loc="lower right")
    figure.savefig(path, dpi=100)
    plt.close(figure)


if __name__ == "__main__":
    main()
