"""Bayesian search whose suggestions survive a restart."""

from collections import deque
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import TrialState
from ray.tune.experiment import Trial
from ray.tune.search import SearchAlgorithm

from kerashar.search.domains import Choice, Domain, IntUniform, LogUniform, Space, Uniform, flatten, unflatten
from kerashar.search.history import FAILED, RUNNING, TrialRecord, read_trials
from kerashar.search.journal import Journal


class JournaledSearch(SearchAlgorithm):
    """Draws trials by Optuna's TPE, writes each to the journal before it starts, and goes on from a journal.

    Trials get numbers of ours, which stay the same after a resume: finished ones teach the sampler and aren't
    run again, unfinished ones go first.

    Args:
        journal: of the search.
        space: domains and constants.
        backends: backends to choose among.
        total: trials of the whole search.
        concurrent: trials at a time.
        seed: of the draws.
        past: trials that the journal knows.

    Reference:
        Bergstra et al., "Algorithms for Hyper-Parameter Optimization", 2011; Optuna's multivariate TPE.
    """

    def __init__(
        self,
        journal: Journal,
        space: Space,
        backends: tuple[str, ...],
        total: int,
        concurrent: int,
        seed: int,
        past: dict[str, TrialRecord],
    ) -> None:
        self.journal = journal
        self.values = {**flatten(space), "backend": Choice(backends)}
        self.total = total
        self.concurrent = concurrent
        self.trials = dict(past)
        self.waiting = deque(name for name, trial in past.items() if trial.status == RUNNING)
        self.live: set[str] = set()
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        # A resumed search draws on, not the same again.
        sampler = optuna.samplers.TPESampler(seed=seed + len(past), n_startup_trials=8)
        self.study = optuna.create_study(direction="maximize", sampler=sampler)
        self.numbers: dict[str, int] = {}
        for trial in past.values():
            self._remember(trial)

    @property
    def total_samples(self) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        return len(self.waiting) + self.total - len(self.trials)

    def add_configurations(self, experiments: Any) -> None:
        self.spec = experiments[0].spec

    def next_trial(self) -> Trial | None:
        if len(self.live) >= self.concurrent or self.is_finished():
            return None
        name = self.waiting.popleft() if self.waiting else self._suggest()
        self.live.add(name)
        settings = dict(self.trials[name].settings)
        config = {"trial": name, "backend": settings.pop("backend"), **unflatten(settings)}
        return Trial(
            self.spec["run"],
            config=config,
            trial_id=name,
            experiment_tag=name,
            storage=self.spec.get("storage"),
            max_failures=self.spec.get("max_failures", 0),
            placement_group_factory=self.spec.get("resources_per_trial"),
            trial_dirname_creator=lambda trial: trial.trial_id,
        )

    def on_trial_complete(self, trial_id: str, result: dict | None = None, error: bool = False) -> None:
        self.live.discard(trial_id)
        # The journal knows of trials that failed after some reports, which Ray takes for complete.
        trial = read_trials(self.journal.read())[trial_id]
        if error or trial.status == FAILED or trial.score is None:
            self.study.tell(self.numbers[trial_id], state=TrialState.FAIL)
        else:
            self.study.tell(self.numbers[trial_id], trial.score)

    def is_finished(self) -> bool:
        return not self.waiting and len(self.trials) >= self.total

    def _suggest(self) -> str:
        domains = {name: _distribution(value) for name, value in self.values.items() if isinstance(value, Domain)}
        drawn = self.study.ask(domains)
        settings = {
            name: _value(domain, drawn.params[name]) if isinstance(domain, Domain) else domain
            for name, domain in self.values.items()
        }
        name = f"{int(max(self.trials, default='0')) + 1:04}"
        self.journal.append("suggested", trial=name, settings=settings)
        self.trials[name] = TrialRecord(name, settings)
        self.numbers[name] = drawn.number
        return name

    def _remember(self, trial: TrialRecord) -> None:
        domains = {name: value for name, value in self.values.items() if isinstance(value, Domain)}
        score = trial.score
        if trial.status == RUNNING:
            state = TrialState.RUNNING
        elif trial.status == FAILED or score is None:
            state = TrialState.FAIL
        else:
            state = TrialState.COMPLETE
        self.numbers[trial.trial] = len(self.study.trials)
        self.study.add_trial(
            optuna.trial.create_trial(
                state=state,
                value=score if state == TrialState.COMPLETE else None,
                params={name: _parameter(domain, trial.settings[name]) for name, domain in domains.items()},
                distributions={name: _distribution(domain) for name, domain in domains.items()},
            )
        )


def _distribution(domain: Domain) -> BaseDistribution:
    match domain:
        case Choice():
            # Places instead of options: Optuna takes no tuples.
            return CategoricalDistribution(tuple(range(len(domain.options))))
        case IntUniform():
            return IntDistribution(domain.low, domain.high)
        case LogUniform():
            return FloatDistribution(domain.low, domain.high, log=True)
        case Uniform():
            return FloatDistribution(domain.low, domain.high)


def _value(domain: Domain, parameter: Any) -> Any:
    return domain.options[parameter] if isinstance(domain, Choice) else parameter


def _parameter(domain: Domain, value: Any) -> Any:
    if not isinstance(domain, Choice):
        return value
    options = [list(option) if isinstance(option, tuple) else option for option in domain.options]
    return options.index(list(value) if isinstance(value, tuple) else value)
