"""The scheduler's memory."""

import itertools
import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from kerashar.search.engine import SCHEDULERS, make_scheduler
from kerashar.search.history import History
from kerashar.search.journal import Journal, own_journal
from tests.search.stand_in import settings

pytestmark = pytest.mark.once

EPOCHS, TRIALS = 9, 12
NOBODY: Any = SimpleNamespace(pause_trial=lambda trial, should_checkpoint: None)


def _reports() -> list[tuple[str, int, float]]:
    """Trial, epoch and score of a search in the order they arrive: of twelve trials three at a time take turns."""
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

    def __init__(self, path, kind: str) -> None:
        self.path = path
        path.mkdir(exist_ok=True)
        self.settings = settings(TRIALS, scheduler=kind)
        self.restart()

    def restart(self) -> None:
        self.history = History(Journal(self.path / "journal.jsonl"))
        self.scheduler = make_scheduler(self.history, self.settings)
        self.scheduler.replay()

    def report(self, name: str, epoch: int, score: float) -> str | None:
        stand_in: Any = SimpleNamespace(trial_id=name, status="RUNNING", set_config=lambda job: None)
        if name not in self.history.trials:
            drawn = {"training.learning_rate": 10 ** (-1 - int(name) / 4), "model.peak": 0.5, "backend": "torch"}
            self.history.note("suggested", name, settings={**drawn, "training.epochs": EPOCHS})
            (self.path / "trials" / name).mkdir(parents=True, exist_ok=True)
            (self.path / "trials" / name / "checkpoint.npz").touch()
        elif self.history.trials[name].status != "running":
            return None
        report = {
            "generation": self.history.trials[name].generation,
            "epoch": epoch,
            "val_macro_f1": score,
            "val_loss": 0.5,
        }
        return self.scheduler.on_trial_result(NOBODY, stand_in, {"message": json.dumps({"report": report})})


@pytest.mark.parametrize("kind", SCHEDULERS)
def test_a_scheduler_restarted_at_any_report_decides_as_an_undisturbed_one(tmp_path, kind):
    undisturbed, restarted = _Driver(tmp_path / "a", kind), _Driver(tmp_path / "b", kind)
    decisions = set()
    for number, report in enumerate(_reports()):
        expected = undisturbed.report(*report)
        assert restarted.report(*report) == expected
        decisions.add(expected)
        if number % 3 == 0:
            restarted.restart()
    assert _trials(restarted) == _trials(undisturbed)
    expected_decisions = {"none": {"CONTINUE"}, "pbt": {"CONTINUE", "NOOP"}, "pb2": {"CONTINUE", "NOOP"}}
    assert decisions - {None} == expected_decisions.get(kind, {"CONTINUE", "STOP"})


def _trials(driver: _Driver) -> list[tuple[Any, ...]]:
    return [
        (trial.trial, trial.status, trial.settings, trial.generation, [each["val_macro_f1"] for each in trial.reports])
        for trial in driver.history.trials.values()
    ]


def test_a_stop_that_the_driver_could_not_write_is_made_up_for(journal: Journal):
    for name, score in (("0001", 0.9), ("0002", 0.1)):
        journal.append("suggested", trial=name, settings={})
        journal.append("report", trial=name, generation=0, epoch=1, val_macro_f1=score, val_loss=0.5)
    for _ in range(2):  # the second time there is nothing left to write
        history = History(journal)
        make_scheduler(history, settings(2)).replay()
        assert [trial.status for trial in history.trials.values()] == ["running", "stopped"]
        assert len(list(journal.read())) == 5


def test_reports_that_only_the_trial_could_write_are_taken_up(journal: Journal):
    for name, score in (("0001", 0.9), ("0002", 0.1), ("0003", 0.1)):
        journal.append("suggested", trial=name, settings={})
        own = own_journal(journal.path.parent, name)
        own.path.parent.mkdir(parents=True)
        for epoch in (1, 2):
            own.append("report", trial=name, generation=0, epoch=epoch, val_macro_f1=score, val_loss=0.5)
    journal.append("report", trial="0001", generation=0, epoch=1, val_macro_f1=0.9, val_loss=0.5)
    journal.append("failed", trial="0003", error="diverged")
    history = History(journal)
    make_scheduler(history, settings(3)).replay()
    found = [(trial.status, trial.reached) for trial in history.trials.values()]
    assert found == [("running", 2), ("stopped", 1), ("failed", 0)]


def test_a_restarted_trial_reports_again_without_harm(tmp_path):
    driver = _Driver(tmp_path, "asha")
    for epoch in (1, 2, 3):
        driver.report("0001", epoch, 0.5)
    lines = (tmp_path / "journal.jsonl").read_bytes()
    for epoch in (1, 2, 3):
        assert driver.report("0001", epoch, 0.5) == "CONTINUE"
    assert (tmp_path / "journal.jsonl").read_bytes() == lines


def test_a_journal_torn_at_any_byte_of_its_last_line_is_gone_on_with(tmp_path):
    whole = _Driver(tmp_path / "whole", "asha")
    reports = _reports()
    for report in reports[:20]:
        whole.report(*report)
    torn = (tmp_path / "whole" / "journal.jsonl").read_bytes()
    for report in reports[20:]:
        whole.report(*report)
    last = len(torn.rstrip(b"\n").rsplit(b"\n", 1)[-1]) + 1
    for missing in range(1, last + 1):
        path = tmp_path / f"{missing}"
        path.mkdir()
        (path / "journal.jsonl").write_bytes(torn[:-missing])
        driver = _Driver(path, "asha")
        for name in driver.history.trials:
            (path / "trials" / name).mkdir(parents=True)
        for report in reports:  # the trials tell all again
            driver.report(*report)
        assert _trials(driver) == _trials(whole)


def test_the_weakest_of_a_population_take_over_from_the_strongest(tmp_path):
    driver = _Driver(tmp_path, "pbt")
    for number in range(1, 9):
        (tmp_path / "trials" / f"{number:04}").mkdir(parents=True)
        driver.history.note(
            "suggested",
            f"{number:04}",
            settings={
                "model.peak": 0.1 * number,
                "training.learning_rate": 0.01,
                "training.epochs": EPOCHS,
                "backend": "torch",
            },
        )
        (tmp_path / "trials" / f"{number:04}" / "checkpoint.npz").write_text(f"weights of {number}")
    for number in (2, 3, 4, 5, 6, 7, 8, 1):
        decision = driver.report(f"{number:04}", 1, 0.1 * number)
    assert decision == "NOOP"
    weakest = driver.history.trials["0001"]
    assert weakest.generation == 1
    donor = round(10 * weakest.settings["model.peak"])
    assert donor in (7, 8)
    assert (tmp_path / "trials" / "0001" / "clone-1.npz").read_text() == f"weights of {donor}"
    rate = weakest.settings["training.learning_rate"]
    assert rate != 0.01
    assert 1e-4 <= rate <= 1e-1
    assert [trial.generation for trial in driver.history.trials.values()] == [1, 0, 0, 0, 0, 0, 0, 0]
