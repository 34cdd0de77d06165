"""What goes, what stays, and that what stays is enough."""

import os
import shutil
from dataclasses import replace

import keras
import numpy as np
import pytest

from kerashar.models import load_model
from kerashar.runs import find_runs, plan_cleaning, read_run
from kerashar.search import resume_search
from kerashar.search.journal import Journal
from kerashar.training import Recipe, best_model, cross_validate, fine_tune, train
from kerashar.training.looks import look_once
from tests.packaging.test_readme import run_page
from tests.runs.conftest import RECIPE, SMALL
from tests.runs.run_folders import age, contents, held, write_search

pytestmark = pytest.mark.once


class NoEpoch(keras.callbacks.Callback):
    """Lets no run train that should only be read."""

    def on_epoch_begin(self, epoch, logs=None):
        raise ValueError("trained again")


@pytest.fixture
def run(trained, tmp_path):
    """A finished training of yesterday."""
    return age(shutil.copytree(trained, tmp_path / "runs" / "first"))


@pytest.fixture
def search(trained, tmp_path):
    """A finished search of yesterday."""
    return age(write_search(tmp_path / "runs" / "search", trained))


def unfinished(run, days=40.0):
    (run / "model.keras").unlink()
    (run / "test_looks.jsonl").unlink()
    return age(run, days)


# === Finished runs ===


def test_a_plan_changes_nothing(run, search):
    before = contents(run.parent)
    cleaning = plan_cleaning(run.parent)
    assert {removal.run.name for removal in cleaning.removals} == {"first", "search"}
    assert contents(run.parent) == before


def test_a_cleaned_training_is_only_read_again(run, small_split):
    before, weights = read_run(run), load_model(run / "model.keras").get_weights()
    cleaning = plan_cleaning(run)
    # The model and two moments of each weight, beside the best weights.
    assert cleaning.carry_out() == cleaning.size > 2.5 * sum(weight.nbytes for weight in weights)
    after = read_run(run)
    assert cleaning.size <= before.size - after.size
    assert replace(after, size=before.size) == before
    assert plan_cleaning(run).size == 0
    result = train(RECIPE, small_split, run, callbacks=[NoEpoch()])
    assert [row["seconds"] for row in result.history] == [row["seconds"] for row in before.curves[""]]
    assert result.validation.macro_f1 == before.score
    for ours, theirs in zip(load_model(run / "model.keras").get_weights(), weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    for ours, theirs in zip(best_model(run, small_split).get_weights(), weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    _, on_record = look_once(run, result.model, small_split.test, recipe=RECIPE)
    assert on_record
    with pytest.raises(ValueError, match="another recipe"):
        train(replace(RECIPE, epochs=3), small_split, run)


def test_nobody_goes_on_from_a_cleaned_checkpoint(run, small_split):
    plan_cleaning(run).carry_out()
    with pytest.raises(ValueError, match=r"`kerashar runs clean` has left the best weights alone"):
        train(replace(RECIPE, epochs=3), small_split, continued=run / "checkpoint.npz")


def test_a_run_that_a_hook_ended_keeps_its_checkpoint(small_split, tmp_path):
    """Without the hook the same command goes on."""
    train(RECIPE, small_split, tmp_path / "run", on_epoch=lambda epoch, _: epoch == 1)
    age(tmp_path)
    assert plan_cleaning(tmp_path).removals == []
    assert len(train(RECIPE, small_split, tmp_path / "run").history) == 2


def test_a_cleaned_fine_tuning_and_cross_validation_are_only_read_again(all_kinds, trained, small_split):
    tuned, crossed = age(all_kinds / "tuned"), age(all_kinds / "deeper")
    assert plan_cleaning(tuned).carry_out() > 0
    assert plan_cleaning(crossed).carry_out() > 0
    assert not list(crossed.rglob("checkpoint.npz"))
    recipe = Recipe(model_settings=SMALL, epochs=1, start=str(trained / "model.keras"))
    fine_tune(recipe, small_split, tuned, [{"trained_depth": 0}, {}], callbacks=[NoEpoch()])
    again = Recipe(model_settings=SMALL, epochs=1)
    cross_validate(again, small_split, crossed / "crossed", 2, callbacks=[NoEpoch()])


def test_a_search_keeps_its_best_trial_and_is_only_read_again(search, trained):
    before = contents(search)
    assert plan_cleaning(search.parent).carry_out() == sum(
        len(before[f"trials/{trial}/{name}"])
        for trial in ("0001", "0003")
        for name in ("checkpoint.npz", "earlier.npz", "model.keras", "clone-1.npz")
    )
    gone = before.keys() - contents(search).keys()
    assert {name.split("/")[1] for name in gone} == {"0001", "0003"}
    assert {name.split("/")[2] for name in gone} == {"checkpoint.npz", "earlier.npz", "model.keras", "clone-1.npz"}
    assert before.items() >= contents(search).items()
    assert plan_cleaning(search.parent).removals == []


def test_a_search_without_a_test_keeps_what_a_test_needs(search, trained):
    for name in ("test.json", "best_model.keras"):
        (search / name).unlink()
    assert read_run(search).state == "unfinished"  # the picture comes last
    shutil.copy(trained / "model.keras", search / "search.png")
    age(search, 40)
    cleaning = plan_cleaning(search, unfinished=True)
    assert [removal.whole for removal in cleaning.removals] == [False]
    cleaning.carry_out()
    assert sorted(path.parent.name for path in search.glob("trials/*/checkpoint.npz")) == ["0002"]


def test_a_cleaned_search_resumes_as_one_that_is_over(search, small_split, monkeypatch):
    plan_cleaning(search).carry_out()
    monkeypatch.setattr("kerashar.search.run._fingerprint", lambda split: "none")  # as the stand-in's settings say
    result = resume_search(search, small_split)
    assert (result.leaderboard[0].trial, result.test.accuracy) == ("0002", 0.75)


def test_a_search_of_several_objectives_keeps_its_front(trained, tmp_path):
    """0002 has the best score, 0001 fewer parameters; 0003 has neither."""
    folder = age(write_search(tmp_path / "search", trained, objectives=("score", "parameters")))
    plan_cleaning(folder).carry_out()
    kept = [path.parent.name for path in sorted(folder.glob("trials/*/model.keras"))]
    assert kept == ["0001", "0002"]


def test_the_guide_to_runs(run):
    line, removals = run_page("docs/runs.md", run.parent).splitlines()
    assert line.startswith("first training finished 2 of 2 epochs 0.")
    assert removals.startswith("[('first', 'of checkpoints all but the best weights', ")


# === Left alone ===


@pytest.mark.parametrize("name", ["lock", "trials/0001.lock"])
def test_a_search_whose_lock_is_held_is_left_alone(name, search):
    before = contents(search)
    with held(search / name):
        cleaning = plan_cleaning(search.parent, unfinished=True, older_than=0)
        assert cleaning.removals == []
        assert cleaning.kept == [("search", "is being written, or was within the last ten minutes")]
    assert plan_cleaning(search.parent).removals != []
    assert contents(search) == before


def test_a_run_that_began_meanwhile_is_left_alone(run, search):
    cleaning = plan_cleaning(run.parent)
    before = contents(search.parent)
    os.utime(run / "history.csv")
    with held(search / "lock"):
        assert cleaning.carry_out() == 0
    assert {name for name, _ in cleaning.kept} == {"first", "search"}
    assert contents(search.parent) == before


def test_a_run_written_just_now_is_left_alone(trained, tmp_path):
    shutil.copytree(trained, tmp_path / "run", copy_function=shutil.copy)  # as of now
    cleaning = plan_cleaning(tmp_path, unfinished=True, older_than=0)
    assert cleaning.removals == []
    assert len(cleaning.kept) == 1


def test_damaged_runs_and_studies_are_left_alone(run, search, all_kinds):
    crossed = shutil.copytree(all_kinds / "deeper" / "crossed", run.parent / "crossed")
    (search / "study.json").write_text("{}")
    (run / "checkpoint.npz").write_bytes(b"PK")
    (crossed / "fold_1" / "model.keras").write_bytes(b"PK")
    age(run.parent)
    before = contents(run.parent)
    cleaning = plan_cleaning(run.parent, unfinished=True, older_than=0)
    assert cleaning.removals == []
    assert {name: reason.split(":")[0] for name, reason in cleaning.kept} == {
        "first": "is damaged",
        "crossed": "is damaged",
        "search": "is a study",
    }
    (run / "recipe.json").write_text("{")
    age(run)
    assert ("first", "is damaged") in [
        (name, reason.split(":")[0]) for name, reason in plan_cleaning(run.parent, unfinished=True, older_than=0).kept
    ]
    assert contents(run.parent).keys() == before.keys()


def test_links_are_not_followed(search, trained, tmp_path):
    outside = tmp_path / "elsewhere"
    for name in ("trial", "whole"):
        shutil.copytree(trained, outside / name)
    shutil.rmtree(search / "trials" / "0001")
    (search / "trials" / "0001").symlink_to(outside / "trial", target_is_directory=True)
    (search / "trials" / "0003" / "checkpoint.npz").unlink()
    (search / "trials" / "0003" / "checkpoint.npz").symlink_to(outside / "trial" / "checkpoint.npz")
    (search.parent / "linked").symlink_to(outside / "whole", target_is_directory=True)
    age(tmp_path)
    before = contents(outside)
    assert [run.name for run in find_runs(search.parent)] == ["search"]
    plan_cleaning(search.parent).carry_out()
    assert contents(outside) == before
    assert (search / "trials" / "0003" / "checkpoint.npz").is_symlink()


def test_a_file_that_is_called_a_lock_keeps_what_is_in_it(search, trained, tmp_path):
    (search / "uv.lock").write_text("mine")
    (search / "lock").unlink()
    (tmp_path / "other").write_text("mine")
    (search / "lock").symlink_to(tmp_path / "other")
    age(tmp_path)
    assert read_run(search).state == "finished"
    assert plan_cleaning(search).carry_out() > 0
    half = write_search(tmp_path / "half", trained, finished=False)
    (half / "lock").write_text("mine")
    assert read_run(half).state == "unfinished"
    assert {path.read_text() for path in (search / "uv.lock", tmp_path / "other", half / "lock")} == {"mine"}


def test_a_linked_folder_of_trials_stays(search, tmp_path):
    outside = shutil.move(search / "trials", tmp_path / "elsewhere")
    (search / "trials").symlink_to(outside, target_is_directory=True)
    before = contents(tmp_path / "elsewhere")
    assert plan_cleaning(search.parent).removals == []
    assert contents(tmp_path / "elsewhere") == before


def test_a_journal_can_not_name_files_outside(search, run):
    """A journal may come from elsewhere."""
    Journal(search / "journal.jsonl").append("suggested", trial="../../first", settings={})
    age(search.parent)
    paths = [path for removal in plan_cleaning(search).removals for path in removal.files]
    assert paths
    assert all(path.parent.parent == search / "trials" for path in paths)


def test_a_part_of_a_run_is_no_folder_of_runs(search):
    with pytest.raises(ValueError, match=r"Received: .*trials, a part of the run .*search"):
        plan_cleaning(search / "trials")


# === Leftovers ===


def test_temporary_files_go_and_others_stay(run, search):
    unfinished(run)
    left = [run / ".checkpoint.4711.part.npz", run / ".generation.12.part", search / "trials/0002/.model.7.part.keras"]
    own = [run / ".notes.part", run / "mine.1.part.npz", search / ".git", search / "trials" / "0001" / "mine.npz"]
    for path in (*left, *own):
        path.write_bytes(b"12345")
    age(run.parent)
    cleaning = plan_cleaning(run.parent)
    assert {removal.what: removal.size for removal in cleaning.removals if removal.run.name == "first"} == {
        "temporary files of killed writers": 10
    }
    cleaning.carry_out()
    assert not any(path.exists() for path in left)
    assert all(path.exists() for path in own)


def test_old_unfinished_runs_go_when_asked_for(run, trained):
    unfinished(run)
    age(write_search(run.parent / "half", trained, finished=False), days=40)
    for path in (run.parent / "half").glob("trials/*/test_looks.jsonl"):
        path.unlink()
    assert plan_cleaning(run.parent).removals == []
    assert plan_cleaning(run.parent, unfinished=True, older_than=50).removals == []
    cleaning = plan_cleaning(run.parent, unfinished=True)
    assert {(removal.run.name, removal.whole) for removal in cleaning.removals} == {("first", True), ("half", True)}
    assert cleaning.carry_out() == cleaning.size > 0
    assert list(run.parent.iterdir()) == []


@pytest.mark.parametrize("other", ["notes.txt", "plots/curve.png", "link", "test_looks.jsonl"])
def test_an_unfinished_run_with_something_of_worth_stays(other, run, tmp_path):
    unfinished(run)
    path = run / other
    path.parent.mkdir(exist_ok=True)
    if other == "link":
        path.symlink_to(tmp_path)
    else:
        path.write_text("{}")
    age(run, 40)
    before = contents(run)
    cleaning = plan_cleaning(run.parent, unfinished=True)
    cleaning.carry_out()
    assert contents(run) == before
    ((name, reason),) = cleaning.kept
    assert name == "first"
    assert ("look at the test" if other.startswith("test") else other) in reason
