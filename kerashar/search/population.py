"""Population based training."""

import math
import shutil
from typing import Any

import numpy as np
from ray.tune.experiment import Trial

from kerashar.files import write_atomically
from kerashar.search.domains import Choice, Domain, IntUniform, LogUniform, Uniform, option_place
from kerashar.search.history import FAILED, History, TrialRecord
from kerashar.search.journal import trial_folder
from kerashar.search.rules import NoStopping
from kerashar.search.scheduler import JournaledScheduler
from kerashar.search.settings import SearchSettings, flat_values

QUANTILE = 0.25  # as in the paper: the weakest quarter takes over from the strongest
REDRAWN = 0.25  # chance that a setting is drawn anew instead of nudged
NUDGES = (0.8, 1.2)
CHANGEABLE = ("training", "augmentation")  # what a model with trained weights can go on with
LEAST_ROWS, MOST_ROWS, CANDIDATES = 4, 200, 512


class PopulationScheduler(JournaledScheduler):
    """Trains all trials side by side; the weakest take the weights of the strongest, with settings a little different.

    Use it for settings that may change while a model trains: those of the training. Trials wait for each other at every
    `interval` where there are more of them than places. Each take-over is in the journal with the settings it gave,
    and the weights it took are kept until the trial has a checkpoint of its own.

    Args:
        history: of the search.
        settings: of the search; `grace_period` is the interval in epochs.
        guided: whether new settings come from a model of what earlier ones gained, instead of chance.

    Reference:
        Jaderberg et al., "Population Based Training of Neural Networks", 2017. Guided: Parker-Holder et al., "Provably
        Efficient Online Hyperparameter Optimization with Population-Based Bandits" (PB2), 2020; ours takes the best
        upper bound among random candidates, and time is one more input of the Gaussian process.
    """

    def __init__(self, history: History, settings: SearchSettings, guided: bool = False) -> None:
        self.settings = settings
        self.guided = guided
        self.interval = settings.grace_period
        self.domains = {
            name: value
            for name, value in flat_values(settings).items()
            if isinstance(value, Domain) and name.split(".")[0] in CHANGEABLE
        }
        ranges = {name: each for name, each in self.domains.items() if isinstance(each, Uniform)}
        self.gains = Gains(self.interval, ranges)
        super().__init__(history, self.gains)

    def choose_trial_to_run(self, tune_controller: Any) -> Trial | None:
        return min(self.waiting(), key=lambda trial: self.history.trials[trial.trial_id].reached, default=None)

    def on_trial_result(self, tune_controller: Any, trial: Trial, result: dict[str, Any]) -> str:
        record = self.history.trials[trial.trial_id]
        before = record.reached
        decision = super().on_trial_result(tune_controller, trial, result)
        due = record.reached > before and record.reached % self.interval == 0 and record.reached < self.settings.epochs
        if decision != self.CONTINUE or not due:
            return decision
        donor = self.donor(record)
        if donor is not None:
            self.take_over(record, donor)
        elif not any(self.history.trials[each.trial_id].reached < record.reached for each in self.waiting()):
            return decision  # nobody waits for its place
        tune_controller.pause_trial(trial, should_checkpoint=False)
        trial.set_config(record.job)
        self.queue.append(trial)
        return self.NOOP

    def donor(self, trial: TrialRecord) -> TrialRecord | None:
        """The strong trial that a weak one takes over from; None where it is not among the weakest."""
        ranked = sorted(
            (each for each in self.history.trials.values() if each.reports and each.status != FAILED), key=_current
        )
        count = int(len(ranked) * QUANTILE)
        if trial not in ranked[:count]:
            return None
        # A checkpoint belongs to its backend.
        strongest = [each for each in ranked[-count:] if each.settings["backend"] == trial.settings["backend"]]
        return strongest[self._random(trial).integers(len(strongest))] if strongest else None

    def take_over(self, trial: TrialRecord, donor: TrialRecord) -> None:
        """Keep the donor's weights for the trial, and note with which settings it trains them on."""
        run = self.history.journal.path.parent
        generation = trial.generation + 1
        file = f"clone-{generation}.npz"
        source = trial_folder(run, donor.trial) / "checkpoint.npz"
        target = trial_folder(run, trial.trial) / file
        write_atomically(target, lambda temporary: shutil.copyfile(source, temporary))
        self.history.note(
            "cloned",
            trial.trial,
            donor=donor.trial,
            generation=generation,
            file=file,
            reached=donor.reached,
            settings=self._explored(donor.settings, self._random(trial)),
        )

    def _random(self, trial: TrialRecord) -> np.random.Generator:
        return np.random.default_rng([self.settings.seed, int(trial.trial), trial.generation, trial.reached])

    def _explored(self, settings: dict[str, Any], random: np.random.Generator) -> dict[str, Any]:
        changed = {
            name: _nudged(domain, settings[name], random) for name, domain in self.domains.items() if name in settings
        }
        best = self.gains.most_promising(random) if self.guided else {}
        return {**settings, **changed, **{name: value for name, value in best.items() if name in settings}}


class Gains(NoStopping):
    """Keeps what each interval gained and with which settings; a rule, so that a replay fills it."""

    def __init__(self, interval: int, domains: dict[str, Uniform]) -> None:
        self.interval = interval
        self.domains = domains
        self.rows: list[tuple[list[float], float]] = []  # places of the settings in their ranges and the epoch; gain

    def stops(self, trial: TrialRecord) -> bool:
        if trial.reached % self.interval == 0 and len(trial.reports) > self.interval:
            gain = trial.reports[-1]["val_macro_f1"] - trial.reports[-1 - self.interval]["val_macro_f1"]
            places = [_place(domain, trial.settings.get(name)) for name, domain in self.domains.items()]
            self.rows.append(([*places, float(trial.reached)], gain))
        return False

    def most_promising(self, random: np.random.Generator) -> dict[str, Any]:
        """Settings with the highest upper bound of the gain to come; none before there is enough to go by."""
        if len(self.rows) < LEAST_ROWS or not self.domains:
            return {}
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import Matern, WhiteKernel

        rows = self.rows[-MOST_ROWS:]
        inputs = np.array([row for row, _ in rows])
        last = inputs[:, -1].max()
        inputs[:, -1] /= last
        model = GaussianProcessRegressor(Matern(nu=2.5) + WhiteKernel(), normalize_y=True, random_state=0)
        model.fit(inputs, [gain for _, gain in rows])
        candidates = random.uniform(size=(CANDIDATES, len(self.domains) + 1))
        candidates[:, -1] = 1.0  # now
        mean, deviation = map(np.asarray, model.predict(candidates, return_std=True))
        best = candidates[np.argmax(mean + 2.0 * deviation)]
        return {name: _at(domain, place) for (name, domain), place in zip(self.domains.items(), best[:-1], strict=True)}


def _current(trial: TrialRecord) -> tuple[float, str]:
    return trial.reports[-1]["val_macro_f1"], trial.trial


def _nudged(domain: Domain, value: Any, random: np.random.Generator) -> Any:
    if isinstance(domain, Choice):
        place = int(random.integers(len(domain.options)))
        if random.uniform() >= REDRAWN:
            place = min(max(option_place(domain, value) + int(random.choice((-1, 1))), 0), len(domain.options) - 1)
        return domain.options[place]
    if random.uniform() < REDRAWN:
        return _at(domain, random.uniform())
    changed = min(max(value * float(random.choice(NUDGES)), domain.low), domain.high)
    return round(changed) if isinstance(domain, IntUniform) else changed


def _place(domain: Uniform, value: Any) -> float:
    """Where a value lies in its range, from 0 to 1; the middle for a setting that the trial doesn't have."""
    if value is None:
        return 0.5
    if isinstance(domain, LogUniform):
        return math.log(value / domain.low) / math.log(domain.high / domain.low)
    return (value - domain.low) / (domain.high - domain.low)


def _at(domain: Uniform, place: float) -> Any:
    if isinstance(domain, LogUniform):
        return domain.low * (domain.high / domain.low) ** place
    value = domain.low + place * (domain.high - domain.low)
    return round(value) if isinstance(domain, IntUniform) else float(value)
