"""The stage that compares ways of predicting a number."""

import json
from pathlib import Path

import numpy as np
import pytest

from kerashar.models import load_model
from kerashar.search.engine import Resources
from kerashar.search.history import COMPLETED, Trials
from kerashar.search.journal import Journal
from kerashar.studies import HeadComparison, Study, objective, run_study
from kerashar.studies.contender import Contender
from kerashar.studies.decision import Decision
from kerashar.studies.head_comparison import REGRESSOR
from kerashar.studies.head_run import HEAD_FIGURE, HeadRun
from kerashar.training import target_comparison
from kerashar.training.continuous_metrics import ContinuousMetrics
from kerashar.training.recipe_data import recipe_split
from tests.training.image_folders import make_images, write_images, write_numbers

SMALL = {"model": "plain_cnn", "model_settings": {"widths": [4], "convolutions": 1}, "split": "drawn"}
NUMBERED = Contender({**SMALL, "data": "angles", "data_settings": {"size": 8, "class_width": 0.05}})
PHOTOS = Contender({**SMALL, "data": "photos"})
STAGE = HeadComparison(widths=(0.05, 0.1))
READS = {"classifier": "expected value", "weighted classifier": "expected value", "ordinal": "median class"}


def _measured(**better: float) -> dict[str, dict[str, dict]]:
    """What a worker notes with seeds 1 and 2, by width: the regressor's error, and by how much others are better."""
    found = {}
    for width in ("5 %", "10 %"):
        found[width] = {}
        for seed in (1, 2):
            error = 0.05 + 0.01 * seed
            ways = {f"{way}, {read}": error - better.get(f"{way}, {width}", -0.01) for way, read in READS.items()}
            found[width][str(seed)] = {HEAD_FIGURE: {REGRESSOR: error, **ways}, "seconds": 1.0}
    return found


# === What it keeps ===


@pytest.mark.once
def test_a_classifier_of_the_datas_own_number_sets_the_width_of_later_stages():
    decision = STAGE.decide(NUMBERED, _measured(**{"classifier, 10 %": 0.02, "ordinal, 5 %": 0.01}), {}, 0.001)
    assert decision.kept == "classifier, 10 %, expected value"
    assert decision.contender.recipe["data_settings"] == {"size": 8, "class_width": 0.1}
    assert "class_weights" not in decision.contender.recipe
    assert "gains +2.00 ± 0.00 points in mean absolute error over 2 seeds" in decision.reason
    assert "later stages train on classes 10 % of its range wide" in decision.reason
    assert decision.figure == HEAD_FIGURE
    assert [each.name for each in decision.evidence[:4]] == [
        REGRESSOR,
        "classifier, 5 %, expected value",
        "weighted classifier, 5 %, expected value",
        "ordinal, 5 %, median class",
    ]
    assert decision.evidence[0].of(HEAD_FIGURE) == pytest.approx((0.065, 0.00707), abs=1e-5)
    assert decision.evidence[1].gains == pytest.approx([-0.01, -0.01])


@pytest.mark.once
def test_a_weighted_classifier_brings_its_weights():
    decision = STAGE.decide(NUMBERED, _measured(**{"weighted classifier, 5 %": 0.02}), {}, 0.001)
    assert decision.contender == NUMBERED.changed({"class_weights": "balanced"})
    plain = STAGE.decide(decision.contender, _measured(**{"classifier, 5 %": 0.02}), {}, 0.001)
    assert plain.contender == NUMBERED


@pytest.mark.once
@pytest.mark.parametrize("kept", [REGRESSOR, "ordinal, 10 %, median class"])
def test_other_ways_are_told_and_classes_stay(kept: str):
    better = {} if kept == REGRESSOR else {"ordinal, 10 %": 0.02}
    decision = STAGE.decide(NUMBERED, _measured(**better), {}, 0.001)
    assert decision.kept == kept
    assert decision.contender == NUMBERED
    assert "later stages still train on classes 5 % of its range wide" in decision.reason


@pytest.mark.once
def test_the_rule_is_that_of_other_stages():
    unsure = _measured(**{"ordinal, 10 %": 0.02})
    unsure["10 %"]["2"][HEAD_FIGURE]["ordinal, median class"] += 0.03
    assert STAGE.decide(NUMBERED, unsure, {}, 0.001).kept == REGRESSOR
    assert STAGE.decide(NUMBERED, _measured(**{"ordinal, 5 %": 0.0009}), {}, 0.001).kept == REGRESSOR


@pytest.mark.once
def test_brightness_never_changes_the_recipe():
    decision = STAGE.decide(PHOTOS, _measured(**{"classifier, 10 %": 0.02}), {}, 0.001)
    assert decision.kept == "classifier, 10 %, expected value"
    assert {Contender.from_json(each.contender) == PHOTOS for each in decision.evidence} == {True}
    assert "mean brightness of each image, so the recipe stays" in decision.reason


@pytest.mark.once
def test_a_width_that_failed_leaves_the_others():
    found = _measured(**{"classifier, 10 %": 0.02})
    error = "ValueError: Expected whole classes."
    decision = STAGE.decide(NUMBERED, {"10 %": found["10 %"]}, {"5 %": error}, 0.001)
    assert decision.kept == "classifier, 10 %, expected value"
    assert (decision.evidence[1].name, decision.evidence[1].error) == ("classes of 5 %", error)
    nothing = STAGE.decide(NUMBERED, {}, {"5 %": error, "10 %": error}, 0.001)
    assert nothing.reason.startswith("No option could be measured.")
    assert nothing.contender == NUMBERED


@pytest.mark.once
def test_decisions_say_which_figure_they_are_about_and_old_ones_are_read():
    decision = STAGE.decide(NUMBERED, _measured(), {}, 0.001)
    plain = json.loads(json.dumps(decision.to_json()))
    assert Decision.from_json(plain) == decision
    del plain["figure"]
    assert Decision.from_json(plain).figure == "macro_f1"
    assert decision.evidence[0].of("macro_f1") is None


@pytest.mark.once
def test_what_the_stage_refuses():
    for widths in ((), (0.1, 0.1)):
        with pytest.raises(ValueError, match="different widths"):
            HeadComparison(widths=widths)
    with pytest.raises(ValueError, match="model of images in stage 'head and class width'"):
        STAGE.contenders(Contender({}))


# === What it measures ===


@pytest.mark.once
def test_runs_differ_where_anything_does_and_survive_json():
    runs = [HeadRun(each.recipe, width) for each in (NUMBERED, PHOTOS) for width in (0.05, 0.1)]
    assert len({run.label for run in runs}) == 4
    assert [HeadRun.from_json(json.loads(json.dumps(run.to_json()))) for run in runs] == runs


@pytest.mark.once
@pytest.mark.parametrize("has_own", [True, False])
def test_a_run_compares_on_the_recipes_own_sides(has_own: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    images, seen = make_images(), {}
    table = write_numbers(tmp_path / "angles", images, np.arange(48.0))
    folder = write_images(tmp_path / "colours", images)
    own = {"labels": str(table), "target": "angle", "class_width": 0.25}
    recipe = {
        **SMALL,
        "data": str(table.with_suffix("")) if has_own else str(folder),
        "data_settings": {"size": 8, "fraction": 0.5, **(own if has_own else {})},
        "learning_rate": 0.01,
        "features": {"edge_magnitude": True},
    }

    def compare(given, training, validation, bins, folder):
        seen.update(recipe=given, training=training, validation=validation, bins=bins)
        return {REGRESSOR: ContinuousMetrics(3, 0.5 * (bins.high - bins.low), 1.0, None, 1.0)}

    monkeypatch.setattr(target_comparison, "compare_targets", compare)
    source = {"archive": None, "cache": str(tmp_path)}
    for _ in range(2):  # the second finds it done
        where = objective._trained(HeadRun(recipe, 0.1), 3, tmp_path, source, None)
        monkeypatch.setattr(target_comparison, "compare_targets", None)
    said = json.loads((where / "figures.json").read_text())
    assert said[HEAD_FIGURE] == {REGRESSOR: pytest.approx(0.5)}
    changed = {"model": "plain_cnn", "model_settings": SMALL["model_settings"], "learning_rate": 0.01, "seed": 3}
    assert seen["recipe"].changed() == changed
    split = recipe_split(Contender(recipe).seeded(3), cache=tmp_path)
    np.testing.assert_array_equal(seen["validation"][0], split.validation.images)
    assert len(seen["training"][0]) == len(seen["training"][1]) == round(0.5 * len(split.train))
    brightness = images.images.mean(axis=(1, 2, 3)) / 255
    numbers = np.arange(48.0) if has_own else brightness
    if has_own:
        np.testing.assert_array_equal(seen["validation"][1], [int(name[:3]) for name in split.validation.names])
    else:
        np.testing.assert_allclose(seen["validation"][1], split.validation.images.mean(axis=(1, 2, 3)) / 255)
    assert (seen["bins"].low, seen["bins"].high) == pytest.approx((numbers.min(), numbers.max()))
    assert seen["bins"].count == 10


# === A whole study ===


def _write_bars(folder: Path) -> Path:
    """A folder of 60 images 16x16 with a bright bar, whose height is the number in the table beside it; its path."""
    from PIL import Image

    folder.mkdir()
    generator = np.random.default_rng(0)
    rows = ["name,height"]
    for number in range(60):
        pixels = generator.integers(0, 120, (16, 16, 3))
        pixels[: number // 4 + 1] += 120
        Image.fromarray(pixels.astype("uint8")).save(folder / f"{number:02}.png")
        rows.append(f"{number:02}.png,{number // 4 + number % 4 / 10}")
    table = folder.with_suffix(".csv")
    table.write_text("\n".join(rows))
    return table


def _recipe(table: Path) -> dict:
    data = {"size": 16, "labels": str(table), "target": "height", "class_width": 0.5}
    return {**SMALL, "epochs": 1, "data_settings": data}


def test_all_ways_are_measured_on_the_backend(tmp_path: Path):
    table = _write_bars(tmp_path / "bars")
    run = HeadRun({**_recipe(table), "data": str(table.with_suffix(""))}, 0.25)
    folder = objective._trained(run, 1, tmp_path, {"archive": None, "cache": tmp_path}, None)
    errors = json.loads((folder / "figures.json").read_text())[HEAD_FIGURE]
    assert list(errors)[:2] == [REGRESSOR, "classifier, expected value"]
    assert all(0 < error < 1 for error in errors.values())


@pytest.mark.once
def test_a_study_of_images_with_numbers(tmp_path: Path, ray_runs: None):
    table = _write_bars(tmp_path / "bars")
    plan = Study(
        name="bars",
        data=str(tmp_path / "bars"),
        seeds=(1, 2),
        start=_recipe(table),
        stages=(HeadComparison(widths=(0.25,)),),
    )
    shared = {"cache": tmp_path, "resources": Resources(concurrent=1)}
    result = run_study(plan, tmp_path / "study", **shared)
    (heads,) = result.decisions
    assert [each.name for each in heads.evidence[:2]] == [REGRESSOR, "classifier, 25 %, expected value"]
    assert len(heads.evidence) == 7
    assert all(0 < run[HEAD_FIGURE] < 1 for each in heads.evidence for run in each.runs.values())
    assert all(set(each.runs) == {"1", "2"} for each in heads.evidence)
    # Trials without a report count as completed.
    journal = tmp_path / "study" / "01-head-and-class-width" / "deciding" / "journal.jsonl"
    trials = Trials.of(Journal(journal).read()).values()
    assert [(each.status, each.reports) for each in trials] == [(COMPLETED, [])] * 2
    width = heads.contender.recipe["data_settings"]["class_width"]
    assert load_model(result.model).output_shape == (None, round(1 / width))
    assert {row["stage"] for row in result.rows} == {"final"}
    compared = list((tmp_path / "study" / "runs").glob("*-heads-25-seed*/comparison.csv"))
    assert len(compared) == 2
    written = {path: path.stat().st_mtime_ns for path in compared}
    (tmp_path / "study" / "01-head-and-class-width" / "decision.json").unlink()
    again = run_study(plan, tmp_path / "study", **shared)
    assert again.decisions == result.decisions
    assert {path: path.stat().st_mtime_ns for path in compared} == written
