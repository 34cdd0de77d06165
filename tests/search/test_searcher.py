from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from optuna.trial import TrialState
from ray.tune import PlacementGroupFactory

from kerashar.search import Choice, IntUniform, LogUniform, Uniform
from kerashar.search.domains import count_settings
from kerashar.search.history import History
from kerashar.search.journal import Journal
from kerashar.search.objectives import check_objectives, pareto_front
from kerashar.search.samplers import SEARCHERS, check_searcher, grid
from kerashar.search.searcher import JournaledSearch
from kerashar.search.settings import SearchSettings, flat_values
from tests.search.stand_in import settings

pytestmark = pytest.mark.once

SPACE = {
    "model": {"kernel_sizes": Choice(((3, 7), (5,))), "blocks": IntUniform(1, 3), "hidden": 8},
    "training": {"learning_rate": LogUniform(1e-4, 1e-2), "epochs": 3},
}
# Settings of a model where that model was drawn.
TWO_MODELS = {
    "model": {"name": Choice(("modern_tcn", "tcn"))},
    "modern_tcn": {"blocks": IntUniform(1, 3)},
    "tcn": {"levels": IntUniform(2, 5), "dropout": Uniform(0.0, 0.5)},
    "training": {"epochs": 3},
}


def _settings(trials: int = 6, **changes: Any) -> SearchSettings:
    return settings(trials, **{"space": SPACE, "backends": ("torch", "jax"), "searcher": "tpe", **changes})


def _searcher(journal: Journal, searched: SearchSettings | None = None, concurrent: int = 2) -> JournaledSearch:
    searcher = JournaledSearch(History(journal), searched or _settings(), lambda: concurrent)
    resources = PlacementGroupFactory([{"CPU": 1}])
    searcher.add_configurations([SimpleNamespace(spec={"run": "__fake", "resources_per_trial": resources})])
    return searcher


def _end(searcher: JournaledSearch, name: str, score: float, **measures: float) -> None:
    history = searcher.history
    if measures:
        history.note("measured", name, measures=measures)
    history.note("report", name, generation=0, epoch=1, val_macro_f1=score, val_loss=1.0)
    history.note("completed", name, epoch=1)
    searcher.on_trial_complete(name, {})


def _next(searcher: JournaledSearch) -> tuple[str, dict] | None:
    trial = searcher.next_trial()
    return None if trial is None else (trial.trial_id, trial.config["settings"])


def _run(searcher: JournaledSearch, score: Any, **measures: Any) -> list[dict[str, Any]]:
    """Ask and tell one after the other, to the end; the settings drawn."""
    drawn = []
    while (found := _next(searcher)) is not None:
        drawn.append(found[1])
        _end(searcher, found[0], score(found[1]), **{name: each(found[1]) for name, each in measures.items()})
    return drawn


@pytest.fixture(autouse=True)
def _any_trainable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ray.tune.experiment.trial.validate_trainable", lambda _: None)


def test_suggestions_are_in_the_journal_and_in_the_space(journal: Journal):
    searcher = _searcher(journal)
    drawn = [_next(searcher), _next(searcher)]
    assert _next(searcher) is None  # two at a time
    for (name, found), expected in zip(filter(None, drawn), ("0001", "0002"), strict=True):
        assert name == expected
        assert tuple(found["model.kernel_sizes"]) in ((3, 7), (5,))
        assert found["model.blocks"] in (1, 2, 3)
        assert found["model.hidden"] == 8
        assert found["backend"] in ("torch", "jax")
        assert 1e-4 <= found["training.learning_rate"] <= 1e-2
    assert list(History(journal).trials) == ["0001", "0002"]


def test_a_restart_runs_unfinished_trials_first_and_finished_ones_never_again(journal: Journal):
    first = _searcher(journal)
    before = dict(filter(None, [_next(first), _next(first)]))
    _end(first, "0001", 0.5)
    before.update(filter(None, [_next(first)]))

    second = _searcher(journal)
    assert second.total_samples == 5
    again = dict(filter(None, [_next(second), _next(second)]))
    assert list(again) == ["0002", "0003"]
    assert again == {name: before[name] for name in again}
    for number, name in enumerate(("0002", "0003", "0004", "0005", "0006")):
        assert name in second.live
        _end(second, name, 0.1 * number)
        assert _next(second) is None or number < 3
    assert second.is_finished()
    values = [state.value for state in second.study.trials if state.state == TrialState.COMPLETE]
    assert values == [0.5, *(pytest.approx(0.1 * n) for n in range(5))]
    suggested = [event["trial"] for event in journal.read() if event["event"] == "suggested"]
    assert suggested == [f"{number:04}" for number in range(1, 7)]
    rates = [trial.settings["training.learning_rate"] for trial in History(journal).trials.values()]
    assert len(set(rates)) == 6


@pytest.mark.parametrize("kind", SEARCHERS)
def test_a_search_restarted_after_every_trial_draws_what_an_undisturbed_one_draws(tmp_path, kind):
    steps = {"training": {"learning_rate": Choice((1e-4, 1e-3, 1e-2)), "epochs": 3}, "model": SPACE["model"]}
    searched = _settings(14, searcher=kind, space=steps if kind == "grid" else SPACE)

    def score(drawn: dict[str, Any]) -> float:
        return 0.2 * drawn["model.blocks"] + 0.1 * len(drawn["model.kernel_sizes"]) - drawn["training.learning_rate"]

    undisturbed = _run(_searcher(Journal(tmp_path / "a"), searched), score)
    restarted = []
    for _ in range(14):
        searcher = _searcher(Journal(tmp_path / "b"), searched)
        found = _next(searcher)
        assert found is not None
        restarted.append(found[1])
        _end(searcher, found[0], score(found[1]))
    assert _searcher(Journal(tmp_path / "b"), searched).is_finished()
    assert restarted == undisturbed
    assert len({str(each) for each in undisturbed}) == 14


@pytest.mark.parametrize("kind", ["tpe", "gaussian_process"])
def test_bayesian_searchers_find_what_random_draws_do_not(tmp_path, kind):
    space = {"model": {"x": Uniform(0.0, 1.0), "y": Uniform(0.0, 1.0)}, "training": {"epochs": 3}}

    def score(drawn: dict[str, Any]) -> float:
        return -((drawn["model.x"] - 0.3) ** 2) - (drawn["model.y"] - 0.7) ** 2

    def best(name: str, seed: int) -> float:
        searched = _settings(30, searcher=name, space=space, seed=seed)
        return max(map(score, _run(_searcher(Journal(tmp_path / f"{name}-{seed}"), searched), score)))

    assert np.mean([best(kind, seed) for seed in range(3)]) > np.mean([best("random", seed) for seed in range(3)])


def test_settings_of_a_model_are_drawn_only_with_that_model(journal: Journal):
    searcher = _searcher(journal, _settings(12, space=TWO_MODELS, backends=("torch",)))
    drawn = _run(searcher, lambda found: 0.5)
    assert {each["model.name"] for each in drawn} == {"modern_tcn", "tcn"}
    for each in drawn:
        own = {name.split(".")[0] for name in each} - {"model", "training", "backend"}
        assert own == {each["model.name"]}
    assert _searcher(journal, _settings(12, space=TWO_MODELS, backends=("torch",))).is_finished()


def test_a_grid_draws_each_setting_once():
    searched = _settings(9, space={**TWO_MODELS, "tcn": {"levels": IntUniform(2, 5)}}, backends=("torch",))
    values = flat_values(searched)
    points = list(grid(values))
    assert len(points) == count_settings(values) == 3 + 4
    assert len({str(point) for point in points}) == 7
    check_searcher("grid", values)
    with pytest.raises(ValueError, match=r"Received: a continuous tcn\.dropout"):
        check_searcher("grid", flat_values(_settings(space=TWO_MODELS)))
    with pytest.raises(ValueError, match="Did you mean 'tpe'"):
        check_searcher("tpee", values)


def test_a_searcher_that_repeats_itself_is_helped_and_one_without_a_way_out_ends(journal: Journal, monkeypatch):
    few = {"model": {"blocks": IntUniform(1, 4)}, "training": {"epochs": 3}}
    searched = _settings(6, space=few, backends=("torch",))  # more trials than the space has settings
    searcher = _searcher(journal, searched)
    drawn = _run(searcher, lambda found: 1.0 if found["model.blocks"] == 2 else 0.0)
    assert sorted(each["model.blocks"] for each in drawn) == [1, 2, 3, 4]
    assert searcher.helped > 0
    assert searcher.exhausted
    assert searcher.is_finished()


def test_a_trial_that_failed_after_a_report_teaches_no_score(journal: Journal):
    searcher = _searcher(journal)
    searcher.next_trial()
    searcher.history.note("report", "0001", generation=0, epoch=1, val_macro_f1=0.9, val_loss=1.0)
    searcher.history.note("failed", "0001", error="diverged")
    searcher.on_trial_complete("0001", {})  # Ray takes it for complete
    assert [trial.state for trial in searcher.study.trials] == [TrialState.FAIL]
    assert [trial.state for trial in _searcher(journal).study.trials] == [TrialState.FAIL]


def test_a_lost_suggestion_gives_its_number_to_no_other(journal: Journal):
    searcher = _searcher(journal)
    for name in ("0001", "0002"):
        searcher.next_trial()
        _end(searcher, name, 0.5)
    lines = journal.path.read_bytes().splitlines(keepends=True)
    journal.path.write_bytes(lines[0][:20] + b"\n" + b"".join(lines[1:]))
    drawn = _next(_searcher(journal))
    assert drawn is not None
    assert drawn[0] == "0003"


def test_numbers_go_on_beyond_four_digits(journal: Journal):
    for name in ("9999", "10000"):
        journal.append("suggested", trial=name, settings={"model.blocks": 1, "backend": "torch"})
        journal.append("completed", trial=name)
    searched = _settings(3, space={"model": {"blocks": IntUniform(1, 4)}, "training": {}}, backends=("torch",))
    drawn = _next(_searcher(journal, searched))
    assert drawn is not None
    assert drawn[0] == "10001"


def test_earlier_searches_teach_the_searcher_where_they_lie_in_the_space(journal: Journal):
    inside = {
        "model.kernel_sizes": [3, 7],
        "model.blocks": 2,
        "model.hidden": 8,
        "training.learning_rate": 1e-3,
        "training.epochs": 3,
        "backend": "torch",
    }
    outside = {**inside, "training.learning_rate": 1.0}
    earlier = tuple({"settings": each, "values": [0.6]} for each in (inside, outside))
    searcher = _searcher(journal, _settings(warm_start=earlier))
    assert [trial.value for trial in searcher.study.trials] == [0.6]
    found = _next(searcher)
    assert found is not None
    assert found[0] == "0001"
    _end(searcher, "0001", 0.7)
    again = _searcher(journal, _settings(warm_start=earlier))
    assert [trial.value for trial in again.study.trials] == [0.6, 0.7]
    with pytest.raises(ValueError, match="Received: 1 trials, none"):
        _searcher(journal, _settings(warm_start=earlier[1:]))


def test_several_objectives_give_a_front(journal: Journal):
    searched = _settings(
        16, space={"model": {"width": IntUniform(1, 64)}, "training": {"epochs": 3}}, objectives=("score", "parameters")
    )
    searched = SearchSettings(**{**searched.__dict__, "searcher": "nsga2", "backends": ("torch",)})
    searcher = _searcher(journal, searched)
    _run(
        searcher, lambda found: min(found["model.width"], 32) / 64, parameters=lambda found: 10.0 * found["model.width"]
    )
    front = pareto_front(History(journal).trials.values(), ("score", "parameters"))
    sizes = [trial.measures["parameters"] for trial in front]
    scores = [trial.score for trial in front]
    assert sizes == sorted(sizes, reverse=True)
    assert scores == sorted(scores, reverse=True)
    for trial in History(journal).trials.values():
        dominated = any(
            (other.score or 0) >= (trial.score or 0)
            and other.measures["parameters"] <= trial.measures["parameters"]
            and (other.score, other.measures["parameters"]) != (trial.score, trial.measures["parameters"])
            for other in History(journal).trials.values()
        )
        assert dominated == (trial.trial not in {each.trial for each in front})


def test_objectives_are_checked():
    check_objectives(("score", "latency_ms"))
    for wrong in ((), ("parameters", "score"), ("score", "score")):
        with pytest.raises(ValueError, match="the score first"):
            check_objectives(wrong)
    with pytest.raises(ValueError, match="Did you mean 'parameters'"):
        check_objectives(("score", "parametres"))
