"""The rules against Ray's schedulers, report by report."""

import itertools
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from ray.tune.schedulers import AsyncHyperBandScheduler, MedianStoppingRule

from kerashar.search.history import Trials
from kerashar.search.rules import HyperBand, MedianStopping, SuccessiveHalving

pytestmark = pytest.mark.once

EPOCHS, TRIALS = 27, 24


@dataclass(frozen=True)
class _StandIn:
    trial_id: str


def _curves(seed: int) -> np.ndarray:
    """Scores of trials by epoch, up and down."""
    random = np.random.default_rng(seed)
    return random.uniform(0.1, 0.9, (TRIALS, 1)) * (1 - np.exp(-np.arange(1, EPOCHS + 1) / 6)) + random.normal(
        scale=0.05, size=(TRIALS, EPOCHS)
    )


def _compare(rule: Any, scheduler: Any, curves: np.ndarray, best_so_far: bool) -> set[str]:
    """Put the same reports to both, four trials at a time; the decisions seen."""
    trials, ended, seen = Trials(), set(), set()
    nobody: Any = SimpleNamespace(get_live_trials=list)
    stand_ins: dict[str, Any] = {f"{number:04}": _StandIn(f"{number:04}") for number in range(1, TRIALS + 1)}
    for start in range(0, TRIALS, 4):
        names = list(stand_ins)[start : start + 4]
        for name in names:
            trials.take({"event": "suggested", "trial": name, "settings": {}})
            scheduler.on_trial_add(nobody, stand_ins[name])
        for epoch, name in itertools.product(range(1, EPOCHS + 1), names):
            if name in ended:
                continue
            score = float(curves[int(name) - 1, epoch - 1])
            trials.take({"event": "report", "trial": name, "epoch": epoch, "val_macro_f1": score, "val_loss": 1.0})
            told = trials[name].score if best_so_far else score
            expected = scheduler.on_trial_result(nobody, stand_ins[name], {"epoch": epoch, "score": told})
            stops = rule.stops(trials[name])
            if epoch < EPOCHS:  # at the last one Ray's scheduler stops all
                assert stops == (expected == "STOP"), (name, epoch)
                seen.add(expected)
            if stops:
                ended.add(name)
    return seen


@pytest.mark.parametrize("seed", range(5))
def test_successive_halving_decides_as_ray(seed: int):
    scheduler = AsyncHyperBandScheduler(
        time_attr="epoch", metric="score", mode="max", max_t=EPOCHS, grace_period=2, reduction_factor=3
    )
    rule = SuccessiveHalving(EPOCHS, grace_period=2, reduction_factor=3)
    assert _compare(rule, scheduler, _curves(seed), best_so_far=True) == {"STOP", "CONTINUE"}
    assert list(rule.rungs) == [18, 6, 2]
    assert [(milestone, dict(scores)) for milestone, scores in scheduler._brackets[0]._rungs] == [
        (milestone, pytest.approx(scores)) for milestone, scores in rule.rungs.items()
    ]


@pytest.mark.parametrize("seed", range(5))
def test_median_stopping_decides_as_ray(seed: int):
    scheduler = MedianStoppingRule(
        time_attr="epoch", metric="score", mode="max", grace_period=3, min_samples_required=3
    )
    seen = _compare(MedianStopping(grace_period=3), scheduler, _curves(seed), best_so_far=False)
    assert seen == {"STOP", "CONTINUE"}


def test_hyper_band_spreads_trials_as_ray_and_judges_each_bracket_alone():
    rule = HyperBand(EPOCHS, grace_period=1, reduction_factor=3)
    assert [list(bracket.rungs) for bracket in rule.brackets] == [[27, 9, 3, 1], [27, 9, 3], [27, 9], [27]]
    places = [rule.brackets.index(rule.bracket(f"{number:04}")) for number in range(1, 2001)]
    # Ray draws a bracket with chances in proportion to exp(rungs).
    chances = np.exp([4, 3, 2, 1]) / np.exp([4, 3, 2, 1]).sum()
    assert np.bincount(places) / 2000 == pytest.approx(chances, abs=0.03)
    trials = Trials()
    for number in range(1, 101):
        name = f"{number:04}"
        trials.take({"event": "suggested", "trial": name, "settings": {}})
        trials.take({"event": "report", "trial": name, "epoch": 1, "val_macro_f1": 1 / number, "val_loss": 1.0})
        stops = rule.stops(trials[name])
        earlier = places[: number - 1].count(0)
        assert stops == (places[number - 1] == 0 and earlier > 0)  # each is weaker than all before
