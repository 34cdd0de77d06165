from types import SimpleNamespace

import pytest
from optuna.trial import TrialState
from ray.tune import PlacementGroupFactory

from kerashar.search import Choice, IntUniform, LogUniform
from kerashar.search.history import read_trials
from kerashar.search.journal import Journal
from kerashar.search.searcher import JournaledSearch

pytestmark = pytest.mark.once

SPACE = {
    "model": {"kernel_sizes": Choice(((3, 7), (5,))), "blocks": IntUniform(1, 3), "hidden": 8},
    "training": {"learning_rate": LogUniform(1e-4, 1e-2)},
}


def _searcher(journal: Journal, total: int = 6, concurrent: int = 2) -> JournaledSearch:
    past = read_trials(journal.read())
    searcher = JournaledSearch(journal, SPACE, ("torch", "jax"), total, concurrent, seed=0, past=past)
    resources = PlacementGroupFactory([{"CPU": 1}])
    searcher.add_configurations([SimpleNamespace(spec={"run": "__fake", "resources_per_trial": resources})])
    return searcher


def _end(journal: Journal, searcher: JournaledSearch, name: str, score: float) -> None:
    journal.append("report", trial=name, epoch=1, val_macro_f1=score, val_loss=1.0)
    journal.append("completed", trial=name, epoch=1)
    searcher.on_trial_complete(name, {"score": score})


def _next(searcher: JournaledSearch) -> tuple[str, dict] | None:
    trial = searcher.next_trial()
    return None if trial is None else (trial.trial_id, trial.config)


@pytest.fixture(autouse=True)
def _any_trainable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ray.tune.experiment.trial.validate_trainable", lambda _: None)


def test_suggestions_are_in_the_journal_and_in_the_space(journal: Journal):
    searcher = _searcher(journal)
    drawn = [_next(searcher), _next(searcher)]
    assert _next(searcher) is None  # two at a time
    for (name, config), expected in zip(filter(None, drawn), ("0001", "0002"), strict=True):
        assert name == config["trial"] == expected
        assert config["model"]["kernel_sizes"] in ((3, 7), (5,))
        assert config["model"]["blocks"] in (1, 2, 3)
        assert config["model"]["hidden"] == 8
        assert config["backend"] in ("torch", "jax")
        assert 1e-4 <= config["training"]["learning_rate"] <= 1e-2
    assert list(read_trials(journal.read())) == ["0001", "0002"]


def test_a_restart_runs_unfinished_trials_first_and_finished_ones_never_again(journal: Journal):
    first = _searcher(journal)
    before = dict(filter(None, [_next(first), _next(first)]))
    _end(journal, first, "0001", 0.5)
    before.update(filter(None, [_next(first)]))

    second = _searcher(journal)
    assert second.total_samples == 5
    again = dict(filter(None, [_next(second), _next(second)]))
    assert list(again) == ["0002", "0003"]
    for name, config in again.items():
        assert config["training"] == before[name]["training"]
        assert tuple(config["model"]["kernel_sizes"]) == before[name]["model"]["kernel_sizes"]
    for number, name in enumerate(("0002", "0003", "0004", "0005", "0006")):
        assert name in second.live
        _end(journal, second, name, 0.1 * number)
        assert _next(second) is None or number < 3
    assert second.is_finished()
    assert [state.value for state in second.study.trials] == [
        0.5,
        *(pytest.approx(0.1 * n) for n in range(5)),
    ]
    suggested = [event["trial"] for event in journal.read() if event["event"] == "suggested"]
    assert suggested == [f"{number:04}" for number in range(1, 7)]
    rates = [trial.settings["training.learning_rate"] for trial in read_trials(journal.read()).values()]
    assert len(set(rates)) == 6


def test_a_trial_that_failed_after_a_report_teaches_no_score(journal: Journal):
    searcher = _searcher(journal)
    searcher.next_trial()
    journal.append("report", trial="0001", epoch=1, val_macro_f1=0.9, val_loss=1.0)
    journal.append("failed", trial="0001", error="diverged")
    searcher.on_trial_complete("0001", {"score": 0.9})  # Ray takes it for complete
    assert [trial.state for trial in searcher.study.trials] == [TrialState.FAIL]
    assert [trial.state for trial in _searcher(journal).study.trials] == [TrialState.FAIL]


def test_a_lost_suggestion_gives_its_number_to_no_other(journal: Journal):
    searcher = _searcher(journal)
    for name in ("0001", "0002"):
        searcher.next_trial()
        _end(journal, searcher, name, 0.5)
    lines = journal.path.read_bytes().splitlines(keepends=True)
    journal.path.write_bytes(lines[0][:20] + b"\n" + b"".join(lines[1:]))
    drawn = _next(_searcher(journal))
    assert drawn is not None
    assert drawn[0] == "0003"
