"""`kerashar cross-validate` and `kerashar compare`, in this process: starting one takes longer than what they do."""

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from kerashar.cli.main import app
from kerashar.training import Recipe
from kerashar.training.predictions import Predictions

pytestmark = pytest.mark.once


def kerashar(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)), env={"COLUMNS": "200"})


def refused(*arguments):
    done = kerashar(*arguments)
    assert isinstance(done.exception, ValueError | OSError), done.output  # main() makes one line of it
    return str(done.exception)


@pytest.fixture(scope="module")
def crossed(tmp_path_factory):
    """A cross-validation, its recipe's file, and what it printed."""
    folder = tmp_path_factory.mktemp("folds")
    small = {"hidden": 4, "blocks": 1}
    recipe = Recipe(model_settings=small, data="watch", data_settings={"fraction": 0.05}, epochs=1)
    (folder / "recipe.json").write_text(json.dumps(recipe.to_json()))
    done = kerashar("cross-validate", "--recipe", folder / "recipe.json", "--folds", 2, "--run", folder / "run")
    assert done.exit_code == 0, done.output
    return folder / "run", folder / "recipe.json", done.output


def test_cross_validate_prints_a_table_and_leaves_test_alone(crossed):
    run, _, printed = crossed
    note = json.loads((run / "folds.json").read_text())
    for fold in note["folds"]:
        assert f"{fold['held_out']['accuracy']:.2%}" in printed
        assert not {"05", "10"} & {*fold["subjects"], *fold["validation_subjects"]}
    low, high = note["summary"]["accuracy"]["interval"]
    assert f"{low:.2%} to {high:.2%} (95 % interval)" in printed
    assert "test subjects" not in printed
    assert not (run / "test.json").exists()


def test_the_look_at_test_is_asked_for(crossed):
    run, recipe, _ = crossed
    again = ["cross-validate", "--recipe", recipe, "--folds", 2, "--run", run, "--test"]
    first, second = kerashar(*again), kerashar(*again)
    assert first.exit_code == 0, first.output
    assert first.output == second.output
    note = json.loads((run / "test.json").read_text())
    assert note["looks"] == 1
    assert f"folds' ensemble: accuracy {note['ensemble']['accuracy']:.2%}" in first.output


def test_compare_prints_a_table_and_draws(crossed, tmp_path):
    run, _, _ = crossed
    other = Predictions.load(run / "predictions.npz")
    better = replace(other, logits=other.logits + 9 * np.eye(7, dtype="float32")[other.labels])
    better.save(tmp_path / "predictions.npz")
    done = kerashar("compare", run, tmp_path)
    assert done.exit_code == 0, done.output
    assert "100.00%" in done.output
    assert "8 subjects" in done.output
    assert f"sign-flip p = {2 / 2**8:.3g}" in done.output
    assert (tmp_path / "compared_with_run.png").exists()
    done = kerashar("compare", run, run, "--figure", "macro_f1", "--picture", tmp_path / "f1.svg")
    assert "+0.00 points" in done.output
    assert "p = 1," in done.output
    assert (tmp_path / "f1.svg").exists()


def test_mistakes(crossed, tmp_path):
    run, _, _ = crossed
    assert "no predictions.npz" in refused("compare", tmp_path, run)
    assert "--folds few" in refused("cross-validate", "modern_tcn", "--data", "watch", "--folds", "few")
    assert "not both" in refused("cross-validate", "--data", "watch")
    assert "Expected --data with the name" in refused("cross-validate", "modern_tcn")
    other = ["cross-validate", "modern_tcn", "--data", "watch", "--folds", 2, "--run", run]
    assert "another recipe" in refused(*other)
