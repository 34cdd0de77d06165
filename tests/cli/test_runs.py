"""`kerashar runs`, on runs of the command line."""

import csv
import json
import shutil

import pytest

from tests.cli.support import expect_one_line_error, kerashar
from tests.runs.run_folders import age, contents

pytestmark = pytest.mark.once
TRAIN = ("train", "modern_tcn", "--data", "watch", "--epochs", 1, "--set", "hidden=4", "--set", "blocks=1")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with one run in `runs`, of yesterday, and another that lost a file."""
    place = tmp_path_factory.mktemp("place")
    assert kerashar(*TRAIN, "--run", "runs/first", cwd=place).returncode == 0
    shutil.copytree(place / "runs" / "first", place / "runs" / "lost")
    (place / "runs" / "lost" / "run.json").unlink()
    age(place)
    return place


def test_the_list(place, tmp_path):
    done = kerashar("runs", cwd=place)
    assert done.returncode == 0, done.stderr
    test = json.loads((place / "runs" / "first" / "test.json").read_text())["test"]
    for words in ("first", "training, finished", "watch, torch", f"{test['accuracy']:.2%}", "training, damaged"):
        assert words in done.stdout
    assert "lost is damaged: run.json is missing\n" in done.stdout
    done = kerashar("runs", "runs", "--sort", "size", "--csv", tmp_path / "runs.csv", cwd=place)
    assert done.returncode == 0, done.stderr
    with open(tmp_path / "runs.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["first", "lost"]
    assert (float(rows[0]["test_accuracy"]), rows[0]["done"], rows[1]["damage"]) == (
        test["accuracy"],
        "1",
        "run.json is missing",
    )
    assert kerashar("runs", "list", "--kind", "search", cwd=place).stdout == "No runs in runs.\n"


def test_a_comparison(place, tmp_path):
    for name in ("one", "two"):
        shutil.copytree(place / "runs" / "first", tmp_path / name)
    recipe = json.loads((tmp_path / "two" / "recipe.json").read_text())
    (tmp_path / "two" / "recipe.json").write_text(json.dumps({**recipe, "learning_rate": 0.5}))
    done = kerashar("runs", "compare", "one", "two", "--picture", "curves.png", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for words in ("validation macro F1", "learning_rate", "0.5", "kerashar report", "Picture: curves.png"):
        assert words in done.stdout
    assert (tmp_path / "curves.png").exists()
    expect_one_line_error(kerashar("runs", "compare", "one", cwd=tmp_path), "at least two runs")


def test_cleaning_and_the_same_command_again(place, tmp_path):
    folder = age(shutil.copytree(place / "runs" / "first", tmp_path / "runs" / "first").parent) / "first"
    before = contents(folder)
    done = kerashar("runs", "clean", cwd=tmp_path)
    assert "of checkpoints all but the best weights" in done.stdout
    assert "would become free. Nothing is removed yet: add --yes." in done.stdout
    assert contents(folder) == before
    done = kerashar("runs", "clean", "--yes", cwd=tmp_path)
    assert done.stdout.rstrip().endswith("kB are free.")
    after = contents(folder)
    assert {name for name in before if before[name] != after.get(name)} == {"checkpoint.npz"}
    assert len(after["checkpoint.npz"]) < len(before["checkpoint.npz"]) / 2
    assert kerashar("runs", "clean", cwd=tmp_path).stdout == "Nothing to remove.\n"
    done = kerashar(*TRAIN, "--run", "runs/first", cwd=tmp_path)
    assert "the run was finished: the test figures are those on record" in done.stdout
    assert contents(folder)["history.csv"] == before["history.csv"]
    assert contents(folder)["test_looks.jsonl"] == before["test_looks.jsonl"]


def test_mistakes(place):
    expect_one_line_error(kerashar("runs", "list", "nowhere", cwd=place), "Expected a folder with runs", "nowhere")
    expect_one_line_error(kerashar("runs", "clean", "--older-than", 3, cwd=place), "--older-than with --unfinished")
