"""Whether one recipe is better than another, by subject."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from kerashar.files import write_atomically
from kerashar.names import unknown_name
from kerashar.training.predictions import PREDICTIONS, Predictions
from kerashar.training.subject_bootstrap import subject_interval

Figure = Literal["accuracy", "macro_f1"]
_EXACT = 20  # subjects up to which all signs are tried: a million sums
_DRAWS = 100_000  # of signs, for more subjects


@dataclass(frozen=True)
class PairedComparison:
    """How two recipes differ on the same subjects.

    Args:
        figure: what is compared, `"accuracy"` or `"macro_f1"`, each within a subject.
        subjects: their names.
        first: figure of each subject under the first recipe.
        second: the same under the second.
        difference: mean over the subjects of second minus first.
        interval: 95 % confidence interval of the difference, by bootstrap over subjects.
        p_value: of the sign-flip test, two-sided: how often a difference at least as large comes about where the two
            recipes are alike.
        smallest_p_value: what so few subjects could give at best; above 0.05 nothing can be told from them.
        wilcoxon_p_value: of Wilcoxon's signed-rank test, as a check that doesn't depend on one subject's size.
    """

    figure: Figure
    subjects: list[str]
    first: list[float]
    second: list[float]
    difference: float
    interval: tuple[float, float]
    p_value: float
    smallest_p_value: float
    wilcoxon_p_value: float

    @property
    def differences(self) -> list[float]:
        """Second minus first for each subject."""
        return [second - first for first, second in zip(self.first, self.second, strict=True)]

    def to_json(self) -> dict[str, Any]:
        """The figures as plain data for a JSON file."""
        return asdict(self)

    def draw(self, path: Path | str) -> None:
        """Write the differences by subject as a picture; the suffix, such as `.svg`, chooses the format."""
        from matplotlib.figure import Figure as Picture  # slow to import, needed only here

        ordered = sorted(zip(self.differences, self.subjects, strict=True))
        points = 100 * np.array([difference for difference, _ in ordered])
        picture = Picture((6.4, 1.6 + 0.22 * len(ordered)), layout="constrained")
        axes = picture.add_subplot(xlabel=f"{self.figure.replace('_', ' ')}, second minus first (percentage points)")
        axes.barh(range(len(ordered)), points, color=np.where(points < 0, "tab:red", "tab:green"), alpha=0.6)
        axes.set_yticks(range(len(ordered)), [subject for _, subject in ordered])
        axes.axvspan(
            100 * self.interval[0], 100 * self.interval[1], color="tab:blue", alpha=0.15, label="95 % interval"
        )
        axes.axvline(100 * self.difference, color="tab:blue", label="mean")
        axes.axvline(0, color="black", linewidth=0.8)
        axes.set_ylabel("subject")
        axes.set_title(f"{100 * self.difference:+.2f} points, p = {self.p_value:.3g}")
        axes.legend()
        write_atomically(path, lambda temporary: picture.savefig(temporary, dpi=110))


def compare_runs(
    first: Predictions | Path | str, second: Predictions | Path | str, figure: Figure = "accuracy"
) -> PairedComparison:
    """Compare two recipes on the same windows, paired by subject.

    Use it before saying that one recipe is better: subjects differ from each other far more than recipes do, which
    pairing takes out. The figures of cross-validation leave no subject to the model that was trained on them.

    The test flips the signs of the subjects' differences: all ways up to 20 subjects, 100,000 random ones beyond. It
    treats subjects as independent, which the shared training subjects of the folds make slightly wrong.

    Args:
        first: what the first recipe predicted, or the run folder of its cross-validation.
        second: the same of the second recipe.
        figure: `"accuracy"`, or `"macro_f1"` over the classes that a subject's windows or predictions hold. Defaults
            to `"accuracy"`.

    Raises:
        FileNotFoundError: a folder without predictions.
        ValueError: other windows or subjects in the second than in the first, fewer than two subjects, or an unknown
            figure.

    Example:
        >>> def said(*right):
        ...     windows = len(right)
        ...     names = np.array(["anna", "ben", "cleo"]).repeat(windows // 3)
        ...     logits = np.eye(2)[1 - np.array(right)]  # of windows that all belong to the first class
        ...     starts, classes = np.arange(windows), np.array(["sitting", "walking"])
        ...     return Predictions(logits, 0 * starts, names, names, starts, classes, "made up")
        >>> comparison = compare_runs(said(1, 0, 1, 0, 1, 1), said(1, 1, 1, 1, 1, 1))
        >>> comparison.differences, comparison.p_value, comparison.smallest_p_value
        ([0.5, 0.5, 0.0], 0.5, 0.25)

    Reference:
        Edgington and Onghena, "Randomization Tests", 2007. Wilcoxon, "Individual Comparisons by Ranking Methods", 1945.
    """
    if figure not in get_args(Figure):
        raise unknown_name("figure", figure, get_args(Figure))
    ours, theirs = _predictions(first), _predictions(second)
    _check_same_windows(ours, theirs)
    if not ours.is_grouped:
        raise ValueError(
            "Expected several windows of each subject, or images in groups, to pair the subjects. Received: "
            f"{len(ours.labels)} images that each stand alone."
        )
    before, after = (
        {subject: figures[figure] for subject, figures in each.metrics().per_subject.items()} for each in (ours, theirs)
    )
    differences = np.array([after[subject] - before[subject] for subject in before])
    count = len(differences)
    return PairedComparison(
        figure=figure,
        subjects=list(before),
        first=list(before.values()),
        second=list(after.values()),
        difference=float(differences.mean()),
        interval=subject_interval(differences, lambda sums: sums / count),
        p_value=sign_flip_p_value(differences),
        smallest_p_value=2.0 ** (1 - count) if count <= _EXACT else 1 / (1 + _DRAWS),
        wilcoxon_p_value=_wilcoxon(differences),
    )


def sign_flip_p_value(differences: np.ndarray, seed: int = 0) -> float:
    """How often differences `(subjects,)` with random signs have a mean at least as far from 0, two-sided.

    Example:
        >>> sign_flip_p_value(np.array([1.0, 2.0, 3.0]))
        0.25
    """
    count = len(differences)
    if count <= _EXACT:
        sums = np.zeros(1)
        for difference in differences:
            sums = np.concatenate([sums + difference, sums - difference])
    else:
        generator = np.random.default_rng(seed)
        flips = generator.integers(0, 2, (_DRAWS, count), np.int8) * np.int8(2) - np.int8(1)
        sums = np.concatenate([flips @ differences, [differences.sum()]])
    # Rounding must not hide sums that are equal.
    slack = 1e-9 * np.abs(differences).sum()
    return float((np.abs(sums) >= np.abs(differences.sum()) - slack).mean())


def _wilcoxon(differences: np.ndarray) -> float:
    from scipy.stats import wilcoxon  # slow to import, needed only here

    differences = differences.round(12)  # so that equal ones share a rank
    if not differences.any():
        return 1.0
    result: Any = wilcoxon(differences)
    return float(result.pvalue)


def _predictions(given: Predictions | Path | str) -> Predictions:
    if isinstance(given, Predictions):
        return given
    path = Path(given) / PREDICTIONS
    if not path.exists():
        raise FileNotFoundError(
            f"Expected the run folder of a finished cross-validation. Received: {given}, which has no {PREDICTIONS}."
        )
    return Predictions.load(path)


def _check_same_windows(first: Predictions, second: Predictions) -> None:
    ours, theirs = sorted(set(first.subjects.tolist())), sorted(set(second.subjects.tolist()))
    if ours != theirs:
        raise ValueError(f"Expected the same subjects in both. Received: {', '.join(ours)} and {', '.join(theirs)}.")
    parts = ("labels", "subjects", "recordings", "starts", "class_names")
    other = [name for name in parts if not np.array_equal(getattr(first, name), getattr(second, name))]
    if other or first.data != second.data:
        what = f"other {', '.join(other)}" if other else "windows of other samples"
        raise ValueError(
            f"Expected the same windows in both, in the same order. Received: {what} in the second. "
            "Cross-validate both recipes on the same windows."
        )
