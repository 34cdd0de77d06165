"""Runs side by side."""

import json
import shutil

import pytest

from kerashar.runs import RunComparison, read_run
from tests.runs.run_folders import write_search

pytestmark = pytest.mark.once


@pytest.fixture
def other(trained, tmp_path):
    """The run again, with other settings on record, on other validation windows, and a look at the test fewer."""
    folder = shutil.copytree(trained, tmp_path / "other")
    recipe = json.loads((folder / "recipe.json").read_text())
    recipe |= {
        "learning_rate": 0.0049014689,
        "model_settings": {"hidden": 4, "kernel": 7},
        "augmentation": {"mixup": 1},
    }
    (folder / "recipe.json").write_text(json.dumps(recipe))
    facts = json.loads((folder / "run.json").read_text())
    facts["data"]["validation"] = "others"
    (folder / "run.json").write_text(json.dumps(facts))
    (folder / "test.json").unlink()
    return folder


def test_settings_that_differ_and_no_others(trained, other):
    comparison = RunComparison.of([trained, other])
    assert dict(comparison.settings()) == {
        "model_settings.blocks": ["1", ""],
        "model_settings.kernel": ["", "7"],
        "augmentation.mixup": ["", "1"],
        "learning_rate": ["0.001", "0.00490147"],
    }
    assert not comparison.same_windows()
    same = RunComparison.of([trained, trained])
    assert same.settings() == []
    assert same.same_windows()


def test_figures_are_those_on_record(trained, other):
    figures = dict(RunComparison.of([trained, other]).figures())
    run = read_run(trained)
    best = max(run.curves[""], key=lambda row: (row["val_macro_f1"], -row["val_loss"]))
    assert figures["best epoch"] == [str(1 + run.curves[""].index(best))] * 2
    assert figures["validation macro F1"] == [f"{run.score:.2%}"] * 2
    assert figures["test accuracy"] == [f"{run.test['accuracy']:.2%}", ""]
    assert figures["looks at the test"] == ["1", ""]
    assert "held-out macro F1" not in figures


def test_searches_differ_in_their_choices_and_a_search_stands_beside_a_training(trained, tmp_path):
    one = write_search(tmp_path / "one", trained, data={"name": "mine"})
    two = write_search(tmp_path / "two", trained, trials=4, scheduler="hyperband", data={"name": "mine"})
    narrow = json.loads((two / "search.json").read_text())
    narrow["space"]["model"]["peak"]["high"] = 0.5
    (two / "search.json").write_text(json.dumps(narrow))
    assert dict(RunComparison.of([one, two]).settings()) == {
        "search: trials": ["3", "4"],
        "search: scheduler": ["asha", "hyperband"],
        "space: model.peak": ["Uniform(0.2, 0.9)", "Uniform(0.2, 0.5)"],
    }
    assert dict(RunComparison.of([one, trained]).settings()) == {"data": ["mine", "None"]}


def test_a_picture_of_all_kinds(all_kinds, trained, tmp_path):
    folders = [trained, *(all_kinds / name for name in ("tuned", "pretrained", "deeper/crossed", "searched"))]
    comparison = RunComparison.of(folders)
    comparison.draw(tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    crossed = read_run(all_kinds / "deeper" / "crossed")
    assert dict(comparison.figures())["held-out macro F1"][3] == f"{crossed.score:.2%}"


def test_what_can_not_be_compared(trained, tmp_path):
    with pytest.raises(ValueError, match=r"at least two runs. Received: 1"):
        RunComparison.of([trained])
    with pytest.raises(ValueError, match="Expected the folder of a run"):
        RunComparison.of([trained, tmp_path])
    folder = shutil.copytree(trained, tmp_path / "damaged")
    (folder / "run.json").write_text("{")
    with pytest.raises(ValueError, match=r"Expected whole runs. Received: .*damaged, where run.json is no whole JSON"):
        RunComparison.of([trained, folder])
