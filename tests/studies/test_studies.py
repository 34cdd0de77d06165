"""Plans, decisions, and a study from end to end."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import keras
import pytest

from kerashar.files import write_json
from kerashar.models import load_model
from kerashar.search import Uniform
from kerashar.search.engine import Resources
from kerashar.search_spaces.studies import list_studies, study
from kerashar.studies import Comparison, Distilling, Joining, SmallSearch, Study, objective, run_study
from kerashar.studies.contender import Contender
from kerashar.studies.decision import AS_BEFORE, Decision, Evidence, decide
from kerashar.studies.standing import read_decisions
from tests.studies import chaos
from tests.studies.stand_in import STUDY

DEADLINE = 120.0


# === Contenders ===


@pytest.mark.once
def test_a_change_adds_to_dictionaries_and_replaces_the_rest():
    start = Contender({"augmentation": {"mixup": 0.2}, "epochs": 3})
    changed = start.changed({"augmentation": {"jitter": 0.1}, "epochs": 5})
    assert changed.recipe == {"augmentation": {"mixup": 0.2, "jitter": 0.1}, "epochs": 5}
    assert start.recipe == {"augmentation": {"mixup": 0.2}, "epochs": 3}


@pytest.mark.once
def test_another_model_or_optimizer_begins_without_the_settings_of_the_old():
    start = Contender({"model_settings": {"blocks": 2}, "optimizer": "sgd", "optimizer_settings": {"momentum": 0.9}})
    changed = start.changed({"model": "tcn", "optimizer": "lion"})
    assert changed.recipe == {"model": "tcn", "optimizer": "lion"}
    assert start.changed({"model": "modern_tcn"}).recipe == start.recipe


@pytest.mark.once
def test_depth_raises_the_models_own_setting():
    assert Contender({}).changed({"depth": 1}).recipe == {"model_settings": {"blocks": 4}}
    shallow = Contender({"model": "tcn", "model_settings": {"levels": 3}}).changed({"depth": -1})
    assert shallow.recipe["model_settings"] == {"levels": 2}
    with pytest.raises(ValueError, match="setting of its depth"):
        Contender({"model": "plain_cnn"}).changed({"depth": 1})


@pytest.mark.once
def test_members_share_subjects_and_differ_in_the_rest():
    contender = Contender({"epochs": 3}, members=3)
    recipes = [one.seeded(seed) for one, seed in (contender.member(1, number) for number in range(3))]
    assert len({recipe.seed for recipe in recipes}) == 3
    assert {recipe.split_settings.get("seed", recipe.seed) for recipe in recipes} == {1}
    assert recipes[0] == contender.alone.seeded(1)


@pytest.mark.once
def test_labels_differ_where_anything_does_and_survive_json():
    one = Contender({"epochs": 3})
    taught = Contender({"epochs": 3}, teacher=Contender({"epochs": 3}, members=2))
    others = [one, Contender({"epochs": 4}), Contender({"epochs": 3}, members=2), taught]
    assert len({each.label for each in others}) == 4
    assert [Contender.from_json(json.loads(json.dumps(each.to_json()))) for each in others] == others


@pytest.mark.once
def test_an_ensemble_tells_no_more_epochs_than_a_trial_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Told:
        def epoch(self, epoch: int, figures: dict[str, float]) -> None:
            assert (epoch, figures["val_macro_f1"]) == (3, 0.8)

    figures = {"accuracy": 0.8, "macro_f1": 0.8, "loss": 0.5, "seconds": 9.0, "epochs": 6}
    monkeypatch.setattr(objective, "_join", lambda *asked: write_json(asked[-1] / "figures.json", figures))
    objective._trained(Contender({"epochs": 3}, members=2), 1, tmp_path, {}, Told())


# === Plans ===


@pytest.mark.once
@pytest.mark.parametrize("name", list_studies())
@pytest.mark.parametrize("size", ["full", "quick"])
def test_every_option_of_a_plan_is_known(name: str, size: str):
    plan = study(name, size)
    current = Contender({}).changed({**plan.start, "data": plan.data})
    families = [each.seeded(0).model for each in _contenders(plan.stages[0], current).values()]
    for stage in plan.stages:
        found = {} if isinstance(stage, SmallSearch) else _contenders(stage, current)
        for contender in found.values():
            contender.seeded(0).check()
    assert len(set(families)) == len(plan.stages[0].options) or size == "full"
    assert json.loads(json.dumps(plan.to_json())) == plan.to_json()


def _contenders(stage, current: Contender) -> dict[str, Contender]:
    found = stage.contenders(current)
    assert not [each for each in found.values() if isinstance(each, ValueError)]
    return found


@pytest.mark.once
def test_a_plan_refuses_what_cannot_decide():
    stages = (Joining(),)
    with pytest.raises(ValueError, match="at least two seeds"):
        Study("one", {}, stages, "watch", seeds=(1,))
    with pytest.raises(ValueError, match="another one to screen"):
        Study("same", {}, stages, "watch", seeds=(0, 1))
    with pytest.raises(ValueError, match="different names"):
        Study("twice", {}, (*stages, *stages), "watch")
    with pytest.raises(ValueError, match="at least 1 finalist"):
        Comparison("none", {})
    with pytest.raises(ValueError, match="Did you mean 'har'"):
        study("hra")
    with pytest.raises(ValueError, match="size of study"):
        study("har", "tiny")


@pytest.mark.once
def test_a_small_search_stands_amid_what_the_study_came_to():
    stage = SmallSearch("rate", {"training": {"learning_rate": Uniform(1e-4, 1e-2)}}, trials=2)
    current = Contender({"model": "tcn", "model_settings": {"levels": 2}, "data": "watch", "features": {"jerk": True}})
    space = stage.whole_space(current)
    assert space["model"] == {"levels": 2}
    assert space["features"] == {"jerk": True}
    assert set(space["training"]) == {"epochs", "learning_rate"}
    found = stage.found(current, {"training.learning_rate": 0.003, "model.levels": 2})
    assert found == current.changed({"learning_rate": 0.003})


# === Decisions ===


def _evidence(name: str, *scores: float, before: tuple[float, ...] = (0.8, 0.82, 0.78)) -> Evidence:
    runs = {str(seed): {"macro_f1": score, "accuracy": score} for seed, score in enumerate(scores, start=1)}
    gains = [] if name == AS_BEFORE else [own - other for own, other in zip(scores, before, strict=False)]
    return Evidence(name, Contender({"epochs": 3}).to_json(), None, runs, "" if scores else "it failed", gains)


BEFORE = _evidence(AS_BEFORE, 0.8, 0.82, 0.78)


@pytest.mark.once
def test_a_gain_that_every_seed_sees_is_kept():
    decision = decide("stage", (BEFORE, _evidence("better", 0.85, 0.88, 0.84)), 0.001)
    assert decision.kept == "better"
    assert "+5.67 ± 0.58 points" in decision.reason


@pytest.mark.once
def test_a_gain_within_its_deviation_is_not_kept():
    decision = decide("stage", (BEFORE, _evidence("lucky", 0.95, 0.80, 0.78)), 0.001)
    assert decision.kept == AS_BEFORE
    assert "No gain holds" in decision.reason


@pytest.mark.once
def test_a_gain_that_is_not_worth_it_is_not_kept():
    small = _evidence("small", 0.8002, 0.8203, 0.7802)
    assert decide("stage", (BEFORE, small), 0.001).kept == AS_BEFORE
    assert decide("stage", (BEFORE, small), 0.0001).kept == "small"


@pytest.mark.once
def test_of_several_that_hold_the_best_is_kept_and_failures_are_none():
    evidence = (BEFORE, _evidence("good", 0.85, 0.87, 0.83), _evidence("best", 0.9, 0.92, 0.88), _evidence("failed"))
    assert decide("stage", evidence, 0.001).kept == "best"
    assert decide("stage", (BEFORE, _evidence("failed")), 0.001).reason == "No option could be measured."


@pytest.mark.once
def test_a_decision_survives_json():
    decision = decide("stage", (BEFORE, _evidence("better", 0.85, 0.88, 0.84)), 0.001)
    again = Decision.from_json(json.loads(json.dumps(decision.to_json())))
    assert again == decision
    assert again.contender == Contender({"epochs": 3})


# === Whole studies ===


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished folder of the stand-in's study, and beside it the model that stands for all."""
    return chaos.prepare(tmp_path_factory.mktemp("stand-in"))


@pytest.mark.once
def test_a_study_keeps_what_holds_and_ends_in_a_table(undisturbed: Path):
    kept = {each.stage: each.kept for each in read_decisions(undisturbed)}
    assert kept["width"] == "32"
    assert kept["rate"] == AS_BEFORE
    assert kept["dropout"].startswith("trial")
    assert kept["ensemble"] == "ensemble of 2"
    assert kept["distillation"] == AS_BEFORE
    _, rows = chaos.facts(undisturbed)
    finals = [row["contender"] for row in rows if row["stage"] == "final"]
    assert finals == ["what the study came to", "start", "one model", "taught by 2"]
    assert all(row["test_top_1"] for row in rows if row["stage"] == "final")
    assert all(int(row["parameters"]) > 0 and row["input"] == "128x6" for row in rows)
    widths = {each.name: each for each in read_decisions(undisturbed)[0].evidence}
    assert widths["4"].runs == {}  # screened out
    assert widths["4"].screened is not None
    assert load_model(undisturbed / "best_model.keras").output_shape == (None, 7)


@pytest.mark.once
def test_a_study_killed_in_any_stage_repeats_nothing_and_ends_as_undisturbed(undisturbed: Path, tmp_path: Path):
    run = tmp_path / "study"
    for killed_in in ("01-width/deciding", "03-dropout/search", "04-ensemble/deciding", "test"):
        driver = chaos.start(undisturbed.parent, run)
        _wait_for(lambda where=killed_in: (run / where / "journal.jsonl").exists())
        time.sleep(2 * 0.05)
        driver.kill()
        driver.wait()
        assert not (run / "results.csv").exists()
    assert chaos.start(undisturbed.parent, run).wait(DEADLINE) == 0
    chaos.check(run, undisturbed)


def _wait_for(found: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE
    while not found():
        if time.monotonic() > end:
            raise TimeoutError(f"nothing within {DEADLINE} s")
        time.sleep(0.02)


@pytest.mark.once
def test_another_study_is_refused_in_its_folder(undisturbed: Path):
    with pytest.raises(ValueError, match="another study"):
        run_study(study("har", "quick"), undisturbed)
    with pytest.raises(ValueError, match="another backend"):
        run_study(STUDY, undisturbed, backend="jax")
    with pytest.raises(ValueError, match="new or empty"):
        run_study(STUDY, undisturbed.parent)


@pytest.mark.once
def test_a_small_study_trains_for_real(tmp_path: Path, ray_runs: None):
    plan = Study(
        name="real",
        data="watch",
        seeds=(1, 2),
        start={
            "model_settings": {"hidden": 4, "blocks": 1},
            "split": "drawn",
            "epochs": 1,
            "data_settings": {"fraction": 0.1},
        },
        stages=(
            Comparison("features", {"jerk": {"features": {"jerk": True}}, "wrong": {"model_settings": {"levels": 3}}}),
            Joining(members=2),
            Distilling(members=2),
        ),
    )
    result = run_study(plan, tmp_path / "study", backend=keras.backend.backend(), resources=Resources(concurrent=2))
    wrong = result.decisions[0].evidence[2]
    assert wrong.runs == {}
    assert "levels" in wrong.error
    taught = next(row for row in result.rows if row["contender"] == "taught by 2" and row["stage"] == "final")
    assert 0 < taught["test_top_1"] < 1
    assert taught["flops"] > 0
    assert load_model(result.model).input_card is not None
    again = run_study(plan, tmp_path / "study", backend=keras.backend.backend())
    assert again.rows == result.rows
