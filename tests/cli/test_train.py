"""`kerashar train` from a recipe."""

import csv
import json
import shutil

import pytest
from typer.testing import CliRunner

from kerashar.cli.main import app
from kerashar.training.looks import LOOKS

pytestmark = pytest.mark.once
SMALL = ("--epochs", 1, "--set", "hidden=4", "--set", "blocks=1")


def train(*arguments):
    done = CliRunner().invoke(app, ["train", *map(str, arguments)], env={"COLUMNS": "300"})
    if done.exception:
        raise done.exception
    return done.stdout


def history(folder):
    with open(folder / "history.csv", newline="") as file:
        return [{name: value for name, value in row.items() if name != "seconds"} for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    folder = tmp_path_factory.mktemp("train") / "first"
    others = ["optimizer=lion", "ema_momentum=0.5", "schedule=step", "schedule_settings={'every': 0.5}"]
    train("modern_tcn", "--data", "watch", "--run", folder, *SMALL, *(f"--training={each}" for each in others))
    return folder


def test_other_settings_reach_the_recipe(first):
    recipe = json.loads((first / "recipe.json").read_text())
    assert recipe["data"] == "watch"
    assert (recipe["optimizer"], recipe["ema_momentum"], recipe["schedule_settings"]) == ("lion", 0.5, {"every": 0.5})


def test_the_recipe_alone_repeats_the_run(first, tmp_path):
    """Here from a copy beside which other windows are recorded, which is reported."""
    (tmp_path / "recipe.json").write_text((first / "recipe.json").read_text())
    facts = json.loads((first / "run.json").read_text())
    facts["data"]["train"] = "another"
    (tmp_path / "run.json").write_text(json.dumps(facts))
    said = train("--recipe", tmp_path / "recipe.json", "--run", tmp_path / "again")
    assert "warning: the windows of train are not those of" in said
    assert history(tmp_path / "again") == history(first)
    notes = [json.loads((folder / "test.json").read_text()) for folder in (first, tmp_path / "again")]
    assert notes[0]["test"] == notes[1]["test"]
    assert (tmp_path / "again" / "recipe.json").read_text() == (first / "recipe.json").read_text()


def test_a_finished_run_shows_the_test_figures_on_record(first, tmp_path):
    """Here other figures than it would measure, and on the same windows, of which nothing is said."""
    folder = shutil.copytree(first, tmp_path / "first")
    look = json.loads((folder / LOOKS).read_text())
    look["test"]["accuracy"] = 0.0625
    (folder / LOOKS).write_text(json.dumps(look) + "\n")
    before = {name: (folder / name).read_bytes() for name in (LOOKS, "test.json")}
    said = train("--recipe", first / "recipe.json", "--run", folder)  # a second look would warn, and so fail
    assert "test accuracy 6.25%" in said
    assert "those on record" in said
    assert "warning" not in said
    assert {name: (folder / name).read_bytes() for name in before} == before


def test_another_model_in_the_folder_is_a_second_look(first, tmp_path):
    folder = shutil.copytree(first, tmp_path / "first")
    look = json.loads((folder / LOOKS).read_text())
    look["validation"]["loss"] += 1
    (folder / LOOKS).write_text(json.dumps(look) + "\n")
    with pytest.warns(UserWarning, match="Look 2 at the same test windows"):
        assert "on record" not in train("--recipe", first / "recipe.json", "--run", folder)
    assert json.loads((folder / "test.json").read_text())["looks"] == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "a model or --recipe"),
        (("modern_tcn", "--recipe", "recipe.json"), "not both"),
        (("modern_tcn",), "Expected --data"),
        (("modern_tcn", "--data", "watch", "--training", "optimiser=lion"), "Did you mean 'optimizer'"),
        (("modern_tcn", "--data", "watch", "--log", "mlfow"), "Did you mean 'mlflow'"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message, tmp_path):
    run = ("--run", tmp_path / "run")
    with pytest.raises(ValueError, match=message):
        train(*arguments, *run)
