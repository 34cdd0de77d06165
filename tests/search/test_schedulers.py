import itertools
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from kerashar.search.history import read_trials
from kerashar.search.journal import Journal
from kerashar.search.schedulers import JournaledASHA

pytestmark = pytest.mark.once

EPOCHS, TRIALS = 9, 12


def _reports() -> list[tuple[str, int, float]]:
    """Curves of trials that take turns by three."""
    random = np.random.default_rng(3)
    curves = np.maximum.accumulate(random.uniform(0.1, 0.9, (TRIALS, EPOCHS)), axis=1)
    names = [f"{number:04}" for number in range(1, TRIALS + 1)]
    return [
        (name, epoch, float(curves[names.index(name), epoch - 1]))
        for start in range(0, TRIALS, 3)
        for epoch, name in itertools.product(range(1, EPOCHS + 1), names[start : start + 3])
    ]


class _Driver:
    """What Ray and the trials do to a scheduler: trials that it stops report no more."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.restart()

    def restart(self) -> None:
        self.scheduler = JournaledASHA(self.journal, EPOCHS, grace_period=1, reduction_factor=3)
        self.scheduler.replay()

    def report(self, name: str, epoch: int, score: float) -> str | None:
        trials = read_trials(self.journal.read())
        stand_in: Any = SimpleNamespace(trial_id=name)
        nobody: Any = None
        if name not in trials:
            self.journal.append("suggested", trial=name, settings={})
            self.scheduler.on_trial_add(nobody, stand_in)
        elif trials[name].status != "running":
            return None
        self.journal.append("report", trial=name, epoch=epoch, val_macro_f1=score, val_loss=1.0 - score)
        return self.scheduler.on_trial_result(nobody, stand_in, {"epoch": epoch, "score": score})

    @property
    def rungs(self) -> list[tuple[float, dict[str, float]]]:
        return [(milestone, dict(seen)) for bracket in self.scheduler._brackets for milestone, seen in bracket._rungs]


def test_a_scheduler_restarted_at_any_report_decides_as_an_undisturbed_one(tmp_path):
    undisturbed, restarted = _Driver(Journal(tmp_path / "a")), _Driver(Journal(tmp_path / "b"))
    decisions = set()
    for number, report in enumerate(_reports()):
        expected = undisturbed.report(*report)
        assert restarted.report(*report) == expected
        decisions.add(expected)
        if number % 3 == 0:
            restarted.restart()
        assert restarted.rungs == undisturbed.rungs
    assert {"STOP", "CONTINUE"} <= decisions
    statuses = [trial.status for trial in read_trials(undisturbed.journal.read()).values()]
    assert set(statuses) == {"stopped", "completed"}
    assert statuses == [trial.status for trial in read_trials(restarted.journal.read()).values()]


def test_a_stop_that_the_driver_could_not_write_is_made_up_for(journal: Journal):
    for name, score in (("0001", 0.9), ("0002", 0.1)):
        journal.append("suggested", trial=name, settings={})
        journal.append("report", trial=name, epoch=1, val_macro_f1=score, val_loss=0.5)
    journal.append("report", trial="0001", epoch=9, val_macro_f1=0.9, val_loss=0.5)
    for _ in range(2):  # the second time there is nothing left to write
        trials = JournaledASHA(journal, EPOCHS, grace_period=1, reduction_factor=3).replay()
        assert [trial.status for trial in trials.values()] == ["completed", "stopped"]
        assert len(list(journal.read())) == 7


def test_a_restarted_trial_reports_again_without_harm(journal: Journal):
    driver = _Driver(journal)
    for epoch in (1, 2, 3):
        driver.report("0001", epoch, 0.5)
    before = driver.rungs
    nobody: Any = None
    stand_in: Any = SimpleNamespace(trial_id="0001")
    for epoch in (1, 2, 3):
        result = {"epoch": epoch, "score": 0.5}
        assert driver.scheduler.on_trial_result(nobody, stand_in, result) == "CONTINUE"
    assert driver.rungs == before
