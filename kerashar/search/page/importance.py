"""How much each setting matters for the score."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kerashar.search.domains import MODEL, drawn_with
from kerashar.search.history import TrialRecord
from kerashar.search.page.varying_setting import VaryingSetting

LEAST_TRIALS = 20
MOST_TRIALS = 500  # more tell little besides and take longer
_FOLDS, _SHUFFLES, _TREES = 5, 5, 60
_ABSENT = -1.0  # below the places of all values: a tree tells it apart by one split


@dataclass(frozen=True)
class Importance:
    """How much each setting matters, or why that can't be said.

    Args:
        points: by setting, by how many points of macro F1 a forest errs more without knowing it; largest first.
        error: by how many points the forest errs.
        blind_error: by how many the median of the trials does, which knows no settings.
        trials: how many it was taught.
        reason: why nothing can be said; else empty.
    """

    points: dict[str, float]
    error: float = 0.0
    blind_error: float = 0.0
    trials: int = 0
    reason: str = ""


def setting_importance(trials: Sequence[TrialRecord], settings: Sequence[VaryingSetting]) -> Importance:
    """Teach a forest of trees to tell the score from the settings, and shuffle one setting after the other.

    Each trial's score is told by a forest that was taught others. A setting that not all trials have is shuffled among
    those that have it, and counts for them alone; the model is shuffled together with the settings of its own.

    Args:
        trials: those with a score.
        settings: that vary.

    Reference:
        Breiman, "Random Forests", 2001, section 10.
    """
    if len(trials) < LEAST_TRIALS:
        return Importance({}, reason=f"It takes {LEAST_TRIALS} trials with a score to say; there are {len(trials)}.")
    if not settings:
        return Importance({}, reason="No setting varies.")
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.model_selection import KFold

    random = np.random.default_rng(0)
    if len(trials) > MOST_TRIALS:
        trials = [trials[row] for row in sorted(random.choice(len(trials), MOST_TRIALS, replace=False))]
    places = [[setting.place(trial) for setting in settings] for trial in trials]
    inputs = np.array([[_ABSENT if place is None else place for place in row] for row in places])
    scores = np.array([100 * (trial.score or 0.0) for trial in trials])
    shuffled = np.stack([[_shuffled(inputs, settings, each, random) for each in settings] for _ in range(_SHUFFLES)])

    told, without, blind = np.empty(len(trials)), np.empty(shuffled.shape[:3]), np.empty(len(trials))
    for taught, asked in KFold(_FOLDS, shuffle=True, random_state=0).split(inputs):
        forest = RandomForestRegressor(_TREES, min_samples_leaf=2, random_state=0).fit(inputs[taught], scores[taught])
        questions = np.concatenate(
            [inputs[None, None, asked].reshape(-1, len(settings)), shuffled[:, :, asked].reshape(-1, len(settings))]
        )
        answers = forest.predict(questions)
        told[asked], without[:, :, asked] = (
            answers[: len(asked)],
            answers[len(asked) :].reshape(*shuffled.shape[:2], -1),
        )
        blind[asked] = np.median(scores[taught])
    errors, blind_error = np.abs(told - scores), np.abs(blind - scores).mean()
    if errors.mean() >= blind_error:
        return Importance({}, reason="The settings don't tell the scores of these trials apart.")
    more = np.abs(without - scores).mean(axis=0) - errors
    points = {
        setting.name: float(more[number, inputs[:, number] != _ABSENT].mean())
        for number, setting in enumerate(settings)
    }
    ordered = dict(sorted(points.items(), key=lambda pair: -pair[1]))
    return Importance(ordered, float(errors.mean()), float(blind_error), len(trials))


def _shuffled(
    inputs: np.ndarray, settings: Sequence[VaryingSetting], setting: VaryingSetting, random: np.random.Generator
) -> np.ndarray:
    """The inputs with one setting exchanged among the trials that have it."""
    columns = [number for number, each in enumerate(settings) if each.name == setting.name]
    if setting.name == MODEL:
        columns = [n for n, each in enumerate(settings) if each.name == MODEL or not drawn_with(each.name, {MODEL: ""})]
    changed = inputs.copy()
    rows = np.flatnonzero(inputs[:, columns[0]] != _ABSENT)
    changed[rows[:, None], columns] = inputs[random.permutation(rows)[:, None], columns]
    return changed
