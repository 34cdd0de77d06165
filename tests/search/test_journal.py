import itertools
import time

import pytest

from kerashar.search.history import History, Trials
from kerashar.search.journal import Journal
from kerashar.search.leaderboard import leaderboard

pytestmark = pytest.mark.once


def _report(journal: Journal, trial: str, epoch: int, score: float, loss: float = 1.0) -> None:
    journal.append("report", trial=trial, generation=0, epoch=epoch, val_macro_f1=score, val_loss=loss)


def test_events_come_back_in_order(journal: Journal):
    assert list(journal.read()) == []
    journal.append("suggested", trial="0001", settings={"model.hidden": 8, "text": "line\nbreak, ü"})
    journal.append("failed", trial="0001", error="Traceback\n  ValueError")
    suggested, failed = journal.read()
    assert suggested["settings"] == {"model.hidden": 8, "text": "line\nbreak, ü"}
    assert (failed["event"], failed["error"]) == ("failed", "Traceback\n  ValueError")


def test_what_is_appended_is_returned_as_it_will_be_read(journal: Journal):
    returned = journal.append("suggested", trial="0001", settings={"model.kernels": (3, 5)})
    assert [returned] == list(journal.read())
    assert returned["settings"] == {"model.kernels": [3, 5]}


def test_a_last_line_torn_at_any_byte_costs_no_other_line(journal: Journal):
    journal.append("report", epoch=1)
    whole = journal.path.read_bytes()
    journal.append("report", epoch=2)
    both = journal.path.read_bytes()
    for length in range(len(whole), len(both)):
        journal.path.write_bytes(both[:length])
        torn = [] if length < len(both) - 1 else [2]  # without its line break alone it is whole
        assert [event["epoch"] for event in journal.read()] == [1, *torn]
        journal.append("report", epoch=3)
        assert [event["epoch"] for event in journal.read()] == [1, *torn, 3]


def test_a_damaged_line_is_passed_over(journal: Journal):
    for epoch in (1, 2, 3):
        journal.append("report", epoch=epoch)
    lines = journal.path.read_bytes().split(b"\n")
    lines[1] = lines[1].replace(b'"epoch": 2', b'"epoch": 9')
    journal.path.write_bytes(b"\n".join(lines))
    assert [event["epoch"] for event in journal.read()] == [1, 3]


def test_nan_is_refused_and_writes_nothing(journal: Journal):
    with pytest.raises(ValueError, match="not JSON compliant"):
        journal.append("report", loss=float("nan"))
    assert list(journal.read()) == []


def test_a_clock_that_jumps_back_changes_no_order(journal: Journal, monkeypatch: pytest.MonkeyPatch):
    clock = itertools.chain((5000.0, 40.0, 3.0), itertools.repeat(1.0))
    monkeypatch.setattr(time, "time", lambda: next(clock))
    history = History(journal)
    history.note("suggested", "0001", settings={})
    for epoch, score in ((1, 0.2), (2, 0.4), (3, 0.3)):
        history.note("report", "0001", generation=0, epoch=epoch, val_macro_f1=score, val_loss=1.0)
    history.note("completed", "0001")
    again = Trials.of(journal.read())
    assert again == history.trials
    assert [report["epoch"] for report in again["0001"].reports] == [1, 2, 3]
    assert again["0001"].status == "completed"


def test_trials_are_read_from_events(journal: Journal):
    for trial in ("0001", "0002", "0003", "0004"):
        journal.append("suggested", trial=trial, settings={"backend": "torch"})
    _report(journal, "0001", 1, 0.5)
    _report(journal, "0001", 2, 0.7)
    _report(journal, "0001", 3, 0.6)
    _report(journal, "0001", 2, 0.9)  # a trial that went on tells of an epoch again
    journal.append("measured", trial="0001", measures={"parameters": 12, "latency_ms": 0.5})
    journal.append("completed", trial="0001", epoch=3)
    journal.append("failed", trial="0001", error="too late")
    _report(journal, "0002", 1, 0.9)
    journal.append("failed", trial="0002", error="diverged")
    _report(journal, "0003", 1, 0.7)
    journal.append("resized", trial="0003", settings={"backend": "torch", "training.batch_size": 32})
    journal.append("stopped", trial="0003", epoch=1)
    _report(journal, "0099", 1, 1.0)  # its suggestion was damaged

    trials = Trials.of(journal.read())
    assert [trial.status for trial in trials.values()] == ["completed", "failed", "stopped", "running"]
    assert (trials["0001"].score, trials["0001"].error, trials["0001"].reached) == (0.7, None, 3)
    assert trials["0001"].best is not None
    assert trials["0001"].best["epoch"] == 2
    assert trials["0001"].measures == {"parameters": 12, "latency_ms": 0.5}
    assert (trials["0002"].error, trials["0004"].score) == ("diverged", None)
    assert trials["0003"].settings == {"backend": "torch", "training.batch_size": 32}
    assert trials["0003"].drawn == {"backend": "torch"}
    assert [trial.trial for trial in leaderboard(trials.values())] == ["0001", "0003"]


def test_a_trial_that_takes_over_another_has_its_past(journal: Journal):
    for trial in ("0001", "0002"):
        journal.append("suggested", trial=trial, settings={"training.learning_rate": 0.1})
    for epoch, (strong, weak) in enumerate(((0.5, 0.1), (0.6, 0.3)), start=1):
        _report(journal, "0001", epoch, strong)
        _report(journal, "0002", epoch, weak)
    settings = {"training.learning_rate": 0.08}
    journal.append("cloned", trial="0002", donor="0001", generation=1, file="clone-1.npz", reached=2, settings=settings)
    _report(journal, "0002", 3, 0.2)  # of the weights that it gave up
    journal.append("report", trial="0002", generation=1, epoch=3, val_macro_f1=0.7, val_loss=1.0)
    trial = Trials.of(journal.read())["0002"]
    assert [report["val_macro_f1"] for report in trial.reports] == [0.5, 0.6, 0.7]
    assert (trial.generation, trial.clone, trial.reached, trial.settings) == (1, "clone-1.npz", 3, settings)
    assert trial.drawn == {"training.learning_rate": 0.1}
