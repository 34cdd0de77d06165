"""Suggestions that survive a restart."""

import json
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import optuna
from optuna.study import StudyDirection
from optuna.trial import TrialState
from ray.tune.experiment import Trial
from ray.tune.search import SearchAlgorithm

from kerashar.search.history import FAILED, RUNNING, History, TrialRecord
from kerashar.search.objectives import OBJECTIVES, Direction, objective_values
from kerashar.search.samplers import draw, grid, make_sampler, past_trial
from kerashar.search.settings import SearchSettings, flat_values

TRIES = 20  # draws in a row of settings known already, of which all but the first are random


class JournaledSearch(SearchAlgorithm):
    """Draws trials by one of Optuna's samplers, writes each to the journal before it starts, and goes on from one.

    Trials get numbers of ours, which stay the same after a resume: finished ones teach the sampler and aren't
    run again, unfinished ones go first. Each draw has a seed of its own, by its number. A draw of settings that were
    drawn before is thrown away and another made at random; if there are no others left, the search ends early.

    Args:
        history: of the search.
        settings: of the search.
        capacity: trials at a time, asked anew for each.
    """

    def __init__(
        self,
        history: History,
        settings: SearchSettings,
        capacity: Callable[[], int],
    ) -> None:
        self.history = history
        self.settings = settings
        self.capacity = capacity
        self.values = flat_values(settings)
        self.waiting = deque(name for name, trial in history.trials.items() if trial.status == RUNNING)
        self.live: set[str] = set()
        self.exhausted = False
        self.last = max((int(name) for name in history.trials), default=0)
        self.known = {_key(trial.drawn) for trial in history.trials.values()}
        self.points = grid(self.values)
        self.helped = 0  # draws made at random because the sampler repeated itself
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        directions: list[Direction | StudyDirection] = [OBJECTIVES[name] for name in settings.objectives]
        self.study = optuna.create_study(directions=directions, sampler=make_sampler("random", 0, 1))
        earlier = self._earlier()
        past = [self._as_optuna(trial) for trial in history.trials.values()]
        self.study.add_trials([*earlier, *past])
        self.numbers = {name: number for number, name in enumerate(history.trials, start=len(earlier))}

    def __getstate__(self) -> dict[str, Any]:
        return {}  # Ray pickles it at the start and never reads it back: the journal is the memory

    @property
    def total_samples(self) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        return len(self.waiting) + self.settings.trials - len(self.history.trials)

    def add_configurations(self, experiments: Any) -> None:
        self.spec = experiments[0].spec

    def next_trial(self) -> Trial | None:
        if self.is_finished() or len(self.live) >= self.capacity():
            return None
        name = self.waiting.popleft() if self.waiting else self._suggest()
        if name is None:
            return None
        self.live.add(name)
        return Trial(
            self.spec["run"],
            config=self.history.trials[name].job,
            trial_id=name,
            experiment_tag=name,
            storage=self.spec.get("storage"),
            max_failures=self.spec.get("max_failures", 0),
            placement_group_factory=self.spec.get("resources_per_trial"),
            trial_dirname_creator=lambda trial: trial.trial_id,
        )

    def on_trial_complete(self, trial_id: str, result: dict | None = None, error: bool = False) -> None:
        self.live.discard(trial_id)
        trial = self.history.trials[trial_id]
        values = None if error or trial.status == FAILED else objective_values(trial, self.settings.objectives)
        if values is None:
            self.study.tell(self.numbers[trial_id], state=TrialState.FAIL)
        else:
            self.study.tell(self.numbers[trial_id], values)

    def is_finished(self) -> bool:
        return not self.waiting and (self.exhausted or len(self.history.trials) >= self.settings.trials)

    def _suggest(self) -> str | None:
        number = self.last + 1
        drawn = self._next_of_grid() if self.settings.searcher == "grid" else self._draw(number)
        if drawn is None:
            self.exhausted = True
            return None
        settings, place = drawn
        self.last = number
        name = f"{number:04}"
        kept = {}
        if self.settings.searcher == "nsga2":  # it notes the generation there
            kept = {"sampler": self.study.get_trials(deepcopy=False)[place].system_attrs}
        self.history.note("suggested", name, settings=settings, **kept)
        self.known.add(_key(settings))
        self.numbers[name] = place
        return name

    def _draw(self, number: int) -> tuple[dict[str, Any], int] | None:
        """Settings that were not drawn before, and their number in the study; None where none are found."""
        for attempt in range(TRIES):
            seed = int(np.random.SeedSequence([self.settings.seed, number, attempt]).generate_state(1)[0])
            kind = self.settings.searcher if attempt == 0 else "random"
            self.study.sampler = make_sampler(kind, seed, population=max(2, min(50, self.settings.trials // 4)))
            trial = self.study.ask()
            settings = draw(trial, self.values)
            if _key(settings) not in self.known:
                return settings, trial.number
            self.study.tell(trial, state=TrialState.FAIL)
            self.helped += 1
        return None

    def _next_of_grid(self) -> tuple[dict[str, Any], int] | None:
        settings = next((each for each in self.points if _key(each) not in self.known), None)
        if settings is None:
            return None
        self.study.add_trial(past_trial(self.values, settings, TrialState.RUNNING, (), {}))
        return settings, len(self.study.get_trials(deepcopy=False)) - 1

    def _earlier(self) -> list[optuna.trial.FrozenTrial]:
        """Trials of earlier searches that lie in this space; ValueError where none does."""
        inside = []
        for each in self.settings.warm_start:
            with suppress(ValueError):  # it lies outside
                inside.append(past_trial(self.values, each["settings"], TrialState.COMPLETE, each["values"], {}))
        if self.settings.warm_start and not inside:
            raise ValueError(
                "Expected an earlier search in a space like this one. Received: "
                f"{len(self.settings.warm_start)} trials, none of whose settings lie in it."
            )
        return inside

    def _as_optuna(self, trial: TrialRecord) -> optuna.trial.FrozenTrial:
        values = objective_values(trial, self.settings.objectives)
        if trial.status == RUNNING:
            state = TrialState.RUNNING
        elif trial.status == FAILED or values is None:
            state = TrialState.FAIL
        else:
            state = TrialState.COMPLETE
        return past_trial(self.values, trial.drawn, state, values or (), trial.sampler)


def _key(settings: dict[str, Any]) -> str:
    return json.dumps(settings, sort_keys=True)
