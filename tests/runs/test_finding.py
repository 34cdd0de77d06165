"""What run folders say, and those that are damaged."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from kerashar.runs import find_runs, read_run
from kerashar.training import train
from tests.runs.conftest import RECIPE
from tests.runs.run_folders import age, held, write_search

pytestmark = pytest.mark.once


def test_each_kind_has_one_row(all_kinds, trained):
    runs = {run.name: run for run in [*find_runs(all_kinds), *find_runs(trained)]}
    assert {name: (run.kind, run.state, run.progress) for name, run in runs.items()} == {
        "deeper/crossed": ("cross-validation", "finished", "2 of 2 folds"),
        "first": ("training", "finished", "2 of 2 epochs"),
        "pretrained": ("pretraining", "finished", "1 of 1 epochs"),
        "searched": ("search", "finished", "3 of 3 trials"),
        "tuned": ("fine-tuning", "finished", "2 of 2 epochs"),
    }
    assert {(run.model, run.backend) for name, run in runs.items() if name != "searched"} == {("modern_tcn", "torch")}
    first, searched, crossed = runs["first"], runs["searched"], runs["deeper/crossed"]
    note = json.loads((trained / "test.json").read_text())
    assert first.score == max(figures["val_macro_f1"] for figures in first.curves[""])
    assert (first.test, first.looks) == (note["test"], 1)
    assert first.size == sum(path.stat().st_size for path in trained.iterdir())
    assert (searched.score, searched.best_trial, searched.data) == (0.9, "0002", "mine")
    assert searched.test["accuracy"] == 0.75
    pooled = json.loads((all_kinds / "deeper" / "crossed" / "folds.json").read_text())["summary"]
    assert crossed.score == pooled["macro_f1"]["pooled"]
    assert runs["pretrained"].score is None
    assert list(runs["tuned"].curves) == ["stage 1", "stage 2"]


def test_an_unfinished_training_says_how_far_it_is(small_split, tmp_path):
    folder = tmp_path / "going"
    train(RECIPE, small_split, folder, on_epoch=lambda epoch, _: epoch == 1)
    (folder / "model.keras").unlink()  # written after the last epoch
    (folder / "history.csv").unlink()
    run = read_run(folder)
    assert (run.state, run.progress) == ("unfinished", "1 of 2 epochs")
    assert run.score == run.curves[""][0]["val_macro_f1"]


def test_an_unfinished_search_runs_while_its_lock_is_held(trained, tmp_path):
    folder = write_search(tmp_path / "search", trained, finished=False)
    with held(folder / "lock") as process:
        assert read_run(folder).state == "running"
        process.kill()
        process.wait()
        run = read_run(folder)
    assert (run.state, run.progress) == ("unfinished", "2 of 3 trials")


def test_a_study_is_known_by_its_file(trained, tmp_path):
    write_search(tmp_path / "study" / "stage_1", trained)
    (tmp_path / "study" / "study.json").write_text("{}")
    assert [(run.kind, run.state) for run in find_runs(tmp_path)] == [("study", "unfinished")]
    (tmp_path / "study" / "results.csv").write_text("model\n")
    assert read_run(tmp_path / "study").state == "finished"


def test_what_is_no_run_is_no_row(trained, tmp_path):
    (tmp_path / "student").mkdir()
    shutil.copy(trained / "recipe.json", tmp_path / "student" / "recipe.json")  # a recipe alone
    shutil.copy(trained / "model.keras", tmp_path / "exported.keras")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert find_runs(tmp_path) == []
    with pytest.raises(ValueError, match=r"Expected the folder of a run.*student"):
        read_run(tmp_path / "student")
    with pytest.raises(FileNotFoundError, match="Expected a folder with runs"):
        find_runs(tmp_path / "nowhere")


def test_a_training_of_a_stage_s_name_is_no_fine_tuning(trained, tmp_path):
    shutil.copytree(trained, tmp_path / "stage_1")
    assert [(run.name, run.kind) for run in find_runs(tmp_path)] == [("stage_1", "training")]


@pytest.mark.parametrize(
    ("kind", "file", "damage"),
    [
        ("training", "recipe.json", "recipe.json is no whole JSON"),
        ("training", "run.json", "run.json is no whole JSON"),
        ("training", "test.json", "test.json is no whole JSON"),
        ("training", "history.csv", "history.csv"),
        ("training", "model.keras", "model.keras is no whole model"),
        ("fine-tuning", "stage_2/recipe.json", "recipe.json is no whole JSON"),
        ("cross-validation", "fold_2/fold.json", "fold.json is no whole JSON"),
        ("search", "search.json", "search.json is no whole JSON"),
        ("search", "best_model.keras", "best_model.keras is no whole model"),
    ],
)
def test_a_file_that_lost_its_end_is_named(kind, file, damage, all_kinds, trained, tmp_path):
    names = {"fine-tuning": "tuned", "cross-validation": "deeper/crossed", "search": "searched"}
    folder = shutil.copytree(all_kinds / names[kind] if kind in names else trained, tmp_path / "run")
    whole = (folder / file).read_bytes()
    (folder / file).write_bytes(whole[: len(whole) // 2 if file != "history.csv" else 20])
    run = read_run(folder)
    assert (run.kind, run.state) == (kind, "damaged")
    assert damage in run.damage


def test_other_damage_is_a_row_too(trained, tmp_path):
    folder = shutil.copytree(trained, tmp_path / "run")
    (folder / "run.json").write_text("[]")
    assert read_run(folder).damage == "run.json holds a list"
    (folder / "run.json").write_text("{}")
    assert "lack what a training writes: KeyError('backend')" in read_run(folder).damage
    for file, changes in (("run.json", {"backend": 1}), ("test.json", {"test": {"accuracy": "high"}})):
        shutil.copytree(trained, folder, dirs_exist_ok=True)
        facts = json.loads((folder / file).read_text())
        (folder / file).write_text(json.dumps({**facts, **changes}))
        assert "lack what a training writes: TypeError" in read_run(folder).damage
    shutil.copytree(trained, folder, dirs_exist_ok=True)
    (folder / "run.json").unlink()
    assert read_run(folder).damage == "run.json is missing"
    (folder / "model.keras").unlink()
    shutil.copy(trained / "run.json", folder / "run.json")
    (folder / "checkpoint.npz").write_bytes(b"PK")
    assert "checkpoint.npz is no whole checkpoint" in read_run(folder).damage


def test_a_thousand_runs_are_listed_quickly_and_without_keras(trained, tmp_path):
    for number in range(1000):
        folder = tmp_path / f"run-{number}"
        folder.mkdir()
        for file in trained.iterdir():
            (folder / file.name).hardlink_to(file)
    code = (
        "import sys, time; from kerashar.runs import find_runs; began = time.perf_counter();"
        f"found = find_runs({str(tmp_path)!r}); print(len(found), time.perf_counter() - began,"
        "*({'keras', 'ray', 'torch', 'scipy', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count, seconds, *imported = done.stdout.split()
    assert (int(count), imported) == (1000, [])
    assert float(seconds) < 5  # about half a second where nothing else runs


def test_times_are_those_of_files_not_of_locks(trained, tmp_path):
    folder = age(write_search(tmp_path / "search", trained, finished=False), days=3)
    (folder / "lock").touch()
    run = read_run(folder)
    assert np.isclose(run.written, (folder / "journal.jsonl").stat().st_mtime)
