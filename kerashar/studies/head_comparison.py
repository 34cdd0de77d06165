"""A stage that compares ways of predicting a number."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from kerashar.studies.contender import Contender
from kerashar.studies.decision import Decision, Evidence, decide
from kerashar.studies.head_run import HEAD_FIGURE, HeadRun

REGRESSOR = "regressor"


@dataclass(frozen=True)
class HeadComparison:
    """Compares a regressor with classifiers and ordinal heads, each with classes of several widths, on a number.

    The number is the data's own where the recipe makes classes of one: `class_width` in its `data_settings`. If a
    classifier is kept, the later stages train on classes of its width. Otherwise the number is the mean brightness of
    each image as a share of the full scale. That doesn't change the recipe: it says which way to predict a number suits
    such images.

    A gain is by how much the mean absolute error is lower than the regressor's, both as shares of the number's range.
    Models begin with fresh weights, and of the recipe only what `compare_targets` takes counts, so neither features
    nor augmentations.

    Args:
        name: of the stage.
        widths: of a class, as shares of the range. Each divides it into whole classes.

    Raises:
        ValueError: no widths, or one twice.

    Example:
        >>> HeadComparison(widths=(0.1,)).name
        'head and class width'
    """

    name: str = "head and class width"
    widths: tuple[float, ...] = (0.05, 0.1)

    def __post_init__(self) -> None:
        if not self.widths or len(set(self.widths)) < len(self.widths):
            raise ValueError(f"Expected different widths, at least one. Received: widths={self.widths}.")

    def contenders(self, current: Contender) -> dict[str, HeadRun]:
        """What is measured, by the width in words.

        Raises:
            ValueError: a model of signals.
        """
        from kerashar.models import model_card

        model = current.seeded(0).model
        if model_card(model).takes != "images":
            raise ValueError(
                f"Expected a model of images in stage {self.name!r}. Received: {model}, which takes signals."
            )
        return {f"{100 * width:g} %": HeadRun(current.recipe, width) for width in self.widths}

    def decide(
        self,
        current: Contender,
        figures: Mapping[str, Mapping[str, dict[str, Any]]],
        errors: Mapping[str, str],
        least_gain: float,
    ) -> Decision:
        """Keep the way that is better than the regressor, if one is.

        Args:
            current: what the study has come to.
            figures: what was measured with each seed, by the width in words.
            errors: why a width could not be measured.
            least_gain: as a share of the range.
        """
        runs = self.contenders(current)
        has_own = any(run.has_own_number for run in runs.values())
        known = {width: {seed: each[HEAD_FIGURE] for seed, each in said.items()} for width, said in figures.items()}
        first = next(iter(known.values()), {})  # the regressor knows no classes: it is the same with each width
        before = {seed: errors_of[REGRESSOR] for seed, errors_of in first.items()}
        evidence = [_evidence(REGRESSOR, current, before, {})]
        for width, run in runs.items():
            if width in errors:
                evidence.append(Evidence(f"classes of {width}", current.to_json(), None, {}, errors[width], []))
                continue
            by_seed = known[width]
            for way in next(iter(by_seed.values())):
                if way != REGRESSOR:
                    head, read = way.split(", ")
                    after = _with_classes(current, head, run.width) if has_own else current
                    own = {seed: said[way] for seed, said in by_seed.items()}
                    evidence.append(_evidence(f"{head}, {width}, {read}", after, own, before))
        decided = decide(self.name, tuple(evidence), least_gain, HEAD_FIGURE)
        return replace(decided, reason=f"{decided.reason} {_told(decided, current, has_own)}")


def _evidence(name: str, contender: Contender, errors: Mapping[str, float], before: Mapping[str, float]) -> Evidence:
    runs = {seed: {HEAD_FIGURE: error} for seed, error in errors.items()}
    gains = [before[seed] - errors[seed] for seed in before]
    return Evidence(name, contender.to_json(), None, runs, "", gains)


def _with_classes(current: Contender, head: str, width: float) -> Contender:
    """What the later stages train where this head is kept: the same as before, unless it is a classifier."""
    if "classifier" not in head:
        return current
    weights = "balanced" if "weighted" in head else None
    return current.changed({"data_settings": {"class_width": width}, "class_weights": weights})


def _told(decided: Decision, current: Contender, has_own: bool) -> str:
    """Of which number that is, and what becomes of the recipe."""
    if not has_own:
        return "The number is the mean brightness of each image, so the recipe stays as it is."
    width = decided.contender.recipe["data_settings"]["class_width"]
    stays = "still " if decided.contender == current else ""
    return f"The number is the data's own; later stages {stays}train on classes {100 * width:g} % of its range wide."
