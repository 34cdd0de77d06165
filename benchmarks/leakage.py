"""What a random split of windows would have claimed, against a split by subject.

    python benchmarks/leakage.py --hapt ../shared/data/hapt.zip --spsw ../shared/data/spsw_har.zip

Each split is in five parts, each of which is tested once by a model of the other four; the figures are the mean over
the parts and their deviation. The first model is boosted trees on handcrafted features; the second finds the training
window that is nearest in the first forty principal components, so it lives on remembering. `--picture` draws the table.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import KFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from kerashar.data import WindowSet, load_windows, subject_folds
from kerashar.features import HandcraftedFeatures

FOLDS = 5
MODELS: dict[str, Callable[[], Pipeline]] = {
    "boosted trees": lambda: make_pipeline(HistGradientBoostingClassifier(max_features=0.1, random_state=0)),
    "nearest window": lambda: make_pipeline(StandardScaler(), PCA(40, random_state=0), KNeighborsClassifier(1)),
}
Parts = Iterator[tuple[np.ndarray, np.ndarray]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hapt", type=Path, required=True, help="the publisher's archive of HAPT")
    parser.add_argument("--spsw", type=Path, required=True, help="the publisher's archive of SP-SW-HAR")
    parser.add_argument("--picture", type=Path, help="file to draw the table into")
    options = parser.parse_args()
    archives = {"hapt": options.hapt, "spsw_har_phone": options.spsw, "spsw_har_watch": options.spsw}
    rows = []
    print("| data | model | random windows | subjects apart | claimed too much |")
    print("| --- | --- | --- | --- | --- |")
    for name, archive in archives.items():
        windows = load_windows(name, archive=archive)
        features = HandcraftedFeatures(windows.rate).fit_transform(windows.windows)
        for model, create in MODELS.items():
            claimed, honest = (
                scores(create, features, windows.labels, parts)
                for parts in (random_parts(windows), subject_parts(windows))
            )
            rows.append((name, model, claimed, honest))
            figures = [f"{100 * part.mean():.1f} ± {100 * part.std():.1f} %" for part in (claimed, honest)]
            print(f"| `{name}` | {model} | {' | '.join(figures)} | {100 * (claimed.mean() - honest.mean()):.1f} |")
    if options.picture:
        draw(rows, options.picture)


def random_parts(windows: WindowSet) -> Parts:
    """Training and test rows, drawn from all windows alike: what `SubjectSplit` refuses."""
    return KFold(FOLDS, shuffle=True, random_state=0).split(windows.labels)


def subject_parts(windows: WindowSet) -> Parts:
    for split in subject_folds(windows, FOLDS, seed=0):
        tested = np.isin(windows.subjects, split.test.subjects)
        yield np.flatnonzero(~tested), np.flatnonzero(tested)


def scores(create: Callable[[], Pipeline], features: np.ndarray, labels: np.ndarray, parts: Parts) -> np.ndarray:
    """Macro F1 of each part."""
    found = []
    for train, test in parts:
        model = create().fit(features[train], labels[train])
        found.append(f1_score(labels[test], model.predict(features[test]), average="macro"))
    return np.array(found)


def draw(rows: list[tuple[str, str, np.ndarray, np.ndarray]], path: Path) -> None:
    figure = Figure(figsize=(7.5, 0.8 + 0.55 * len(rows)), layout="constrained")
    FigureCanvasAgg(figure)
    axis = figure.subplots()
    for place, (_, _, claimed, honest) in enumerate(reversed(rows)):
        axis.plot([100 * honest.mean(), 100 * claimed.mean()], [place, place], color="0.75", linewidth=4, zorder=1)
    for side, (label, color) in enumerate((("random windows", "#d55e00"), ("subjects apart", "#0072b2"))):
        values = [100 * row[2 + side] for row in reversed(rows)]
        axis.errorbar(
            [part.mean() for part in values],
            range(len(rows)),
            xerr=[part.std() for part in values],
            fmt="o",
            markersize=8,
            capsize=3,
            color=color,
            label=label,
        )
    axis.set_yticks(range(len(rows)), [f"{name}, {model}" for name, model, *_ in reversed(rows)])
    axis.set_xlabel("macro F1 (%), mean and deviation over five parts")
    axis.set_title("What a random split claims, and what is true of people not seen before", fontsize=11)
    axis.grid(axis="x", alpha=0.3)
    axis.legend(loc="lower left")
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
