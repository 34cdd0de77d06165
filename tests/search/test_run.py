import csv
import io
import json
import platform
from pathlib import Path

import numpy as np
import pytest
from ray import tune
from rich.console import Console

from kerashar.data import SubjectSplit
from kerashar.models import FeatureModel, load_model
from kerashar.search import Choice, SearchResult, ray_space, resume_search, run_search, trainable
from kerashar.search.journal import Journal
from kerashar.training import evaluate
from tests.search.tiny_search import SPACE, tiny_split

pytestmark = pytest.mark.once

BACKENDS = ("torch", "jax", "tensorflow")
# Some trials raise: a learning rate below zero is refused by the recipe.
SOME_FAIL = {
    **SPACE,
    "training": {**SPACE["training"], "learning_rate": Choice((0.01, -1.0))},
    "features": {"jerk": Choice((False, True))},
    "augmentation": {"jitter": 0.01},
}
SEED = 18  # draws a trial that fails and two that don't, each on another backend, one with the feature
TRIALS = 3


@pytest.fixture(scope="module")
def search(split: SubjectSplit, ray_runs: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[SearchResult, str]:
    output = io.StringIO()
    result = run_search(
        "modern_tcn",
        split,
        space=SOME_FAIL,
        trials=TRIALS,
        folder=tmp_path_factory.mktemp("search"),
        backends=BACKENDS,
        seed=SEED,
        data={"name": "tiny"},
        console=Console(file=output, width=200),
    )
    return result, output.getvalue()


def test_the_run_folder_holds_the_search(search: tuple[SearchResult, str], split: SubjectSplit):
    folder = search[0].folder
    settings = json.loads((folder / "search.json").read_text())
    assert (settings["model"], settings["trials"], settings["data"]) == (
        "modern_tcn",
        TRIALS,
        {"name": "tiny"},
    )
    picture = (folder / "search.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 5000
    page = (folder / "search.html").read_text()
    assert "Finished." in page
    assert "Macro F1 on the test" in page
    with open(folder / "leaderboard.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["trial"] for row in rows] == [trial.trial for trial in search[0].leaderboard]
    scores = [float(row["val_macro_f1"]) for row in rows]
    assert scores == sorted(scores, reverse=True)

    test = json.loads((folder / "test.json").read_text())
    assert test["trial"] == search[0].leaderboard[0].trial
    assert test["leakage"] == split.leakage_note
    again = evaluate(load_model(folder / "best_model.keras"), split.test)
    assert again.accuracy == search[0].test.accuracy == test["test"]["accuracy"]
    assert again.loss == pytest.approx(search[0].test.loss, abs=1e-4)  # perhaps another backend


def test_each_trial_ran_on_the_backend_drawn_for_it(search: tuple[SearchResult, str]):
    ran = {}
    for trial in search[0].leaderboard:
        # The trial's own process writes down what Keras says it runs on.
        with np.load(search[0].folder / "trials" / trial.trial / "checkpoint.npz") as checkpoint:
            ran[trial.trial] = json.loads(checkpoint["state"].tobytes())["fingerprint"]["backend"]
    assert ran == {trial.trial: trial.settings["backend"] for trial in search[0].leaderboard}
    assert len(set(ran.values())) >= 2


def test_features_are_switched_on_and_off_by_trial(search: tuple[SearchResult, str]):
    recipes = {}
    for trial in search[0].leaderboard:
        folder = search[0].folder / "trials" / trial.trial
        recipes[trial.settings["features.jerk"]] = json.loads((folder / "recipe.json").read_text())
    assert recipes.keys() == {False, True}
    for drawn, recipe in recipes.items():
        assert recipe["features"] == {"jerk": drawn}
        assert recipe["augmentation"] == {"jitter": 0.01}
    best = load_model(search[0].folder / "best_model.keras")
    assert isinstance(best, FeatureModel) is search[0].leaderboard[0].settings["features.jerk"]


def test_a_trial_that_raises_is_recorded_and_the_search_goes_on(search: tuple[SearchResult, str]):
    result, output = search
    failed = [trial for trial in result.trials if trial.settings["training.learning_rate"] < 0]
    assert failed
    for trial in failed:
        assert (trial.status, trial.reports) == ("failed", [])
        assert trial.error is not None
        assert trial.error.startswith("Traceback")
        assert "Expected learning_rate to be above 0" in trial.error
        assert f"trial {trial.trial} failed: ValueError: Expected learning_rate" in output
    assert len(result.trials) == TRIALS
    assert {trial.status for trial in result.leaderboard} <= {"completed", "stopped"}
    assert len(result.leaderboard) == TRIALS - len(failed)
    events = list(Journal(result.folder / "journal.jsonl").read())
    assert sum(event["event"] == "suggested" for event in events) == TRIALS
    began = [event for event in events if event["event"] == "began"]
    assert {event["trial"] for event in began} == {trial.trial for trial in result.trials}
    assert {event["node"] for event in began} == {platform.node()}
    assert [event["event"] for event in events].count("opened") == 1


def test_ray_prints_nothing_of_its_own(
    split: SubjectSplit, ray_runs: None, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    output = io.StringIO()
    space = {**SPACE, "training": {"epochs": 3, "learning_rate": -1.0}}
    with pytest.raises(ValueError, match="at least one trial with a score"):
        run_search("modern_tcn", split, space=space, trials=1, folder=tmp_path, console=Console(file=output))
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == ""


def test_a_finished_search_is_only_read_again(search: tuple[SearchResult, str], split: SubjectSplit):
    folder = search[0].folder
    journal = (folder / "journal.jsonl").read_bytes()
    again = resume_search(folder, split)
    assert again == search[0]
    assert (folder / "journal.jsonl").read_bytes() == journal


def test_other_windows_are_refused(search: tuple[SearchResult, str]):
    with pytest.raises(ValueError, match="Received: other windows"):
        resume_search(search[0].folder, tiny_split(seed=1))


def test_a_folder_in_use_is_refused(search: tuple[SearchResult, str], split: SubjectSplit):
    with pytest.raises(ValueError, match="Expected a new or empty run folder"):
        run_search("modern_tcn", split, space=SPACE, trials=1, folder=search[0].folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"trials": 0}, "at least 1 trial"),
        ({"backends": ("torch", "tensorflo")}, "Did you mean 'tensorflow'"),
        ({"backends": ()}, "at least one backend"),
        ({"space": {"training": {}}}, r"training\.epochs"),
        ({"space": {"training": {"epochs": 3, "seeed": 1}}}, "Did you mean 'seed'"),
        ({"model": "modern_tcm"}, "Did you mean 'modern_tcn'"),
        ({"scheduler": "ash"}, "Did you mean 'asha'"),
        ({"searcher": "tpee"}, "Did you mean 'tpe'"),
        ({"searcher": "grid"}, "a continuous training.learning_rate"),
        ({"objectives": ("score", "params")}, "parameters"),
        ({"out_of_memory": "smalle"}, "Did you mean 'smaller'"),
        ({"trials": 4, "space": {"training": {"epochs": 3}}}, "4 trials of 1 settings"),
        ({"grace_period": 4}, "grace_period from 1 to the 3 epochs"),
        ({"reduction_factor": 1}, "reduction_factor of at least 2"),
    ],
)
def test_a_wrong_argument_is_refused_before_anything_is_written(
    split: SubjectSplit, tmp_path: Path, change: dict, message: str
):
    folder = tmp_path / "search"
    arguments = {
        "model": "modern_tcn",
        "split": split,
        "space": SPACE,
        "trials": 1,
        "folder": folder,
        **change,
    }
    with pytest.raises(ValueError, match=message):
        run_search(**arguments)
    assert not folder.exists()


def test_resume_needs_the_folder_of_a_search(split: SubjectSplit, tmp_path: Path):
    with pytest.raises(ValueError, match=r"has no search\.json"):
        resume_search(tmp_path, split)


def test_two_models_for_score_and_size_with_what_an_earlier_search_learned(
    search: tuple[SearchResult, str], split: SubjectSplit, tmp_path: Path
):
    space = {
        "model": {"name": Choice(("modern_tcn", "tcn"))},
        "modern_tcn": {"hidden": 8, "blocks": 1, "stem_kernel": 5},
        "tcn": {"hidden": 8, "levels": Choice((1, 2))},
        "training": {"epochs": 2, "batch_size": 16},
    }
    result = run_search(
        ("modern_tcn", "tcn"),
        split,
        space=space,
        trials=3,
        folder=tmp_path / "search",
        scheduler="none",
        searcher="grid",
        objectives=("score", "parameters", "latency_ms"),
    )
    names = [trial.settings["model.name"] for trial in result.trials]
    assert names == ["modern_tcn", "tcn", "tcn"]
    for trial in result.trials:
        recipe = json.loads((result.folder / "trials" / trial.trial / "recipe.json").read_text())
        assert recipe["model"] == trial.settings["model.name"]
        model = load_model(result.folder / "trials" / trial.trial / "model.keras")
        assert trial.measures["parameters"] == model.count_params()
        assert trial.measures["latency_ms"] > 0
    assert result.front
    with open(result.folder / "front.csv", newline="") as file:
        assert [row["trial"] for row in csv.DictReader(file)] == [trial.trial for trial in result.front]
    with pytest.raises(ValueError, match="none of whose settings lie in it"):
        run_search(
            "tcn",
            split,
            space={"model": {"levels": Choice((1, 2))}, "training": {"epochs": 2}},
            trials=1,
            folder=tmp_path / "other",
            warm_start=[search[0].folder],
        )


def test_trials_run_in_a_tuner_of_the_user(split: SubjectSplit, ray_runs: None, tmp_path: Path):
    space = ray_space(SPACE, backends=("torch",))
    results = tune.Tuner(
        trainable("modern_tcn", split),
        param_space=space,
        tune_config=tune.TuneConfig(num_samples=2, metric="score", mode="max"),
        run_config=tune.RunConfig(storage_path=str(tmp_path), verbose=0),
    ).fit()
    assert results.num_terminated == 2
    best = results.get_best_result()
    assert best.metrics is not None
    assert best.metrics["epoch"] == 3
    assert {"loss", "val_loss", "val_accuracy", "val_macro_f1", "score", "seconds"} <= set(best.metrics)
    assert best.config is not None
    assert 1e-3 <= best.config["training"]["learning_rate"] <= 1e-2
