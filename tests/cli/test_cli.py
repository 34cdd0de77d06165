"""The commands as a user runs them."""

import json
import shutil
from pathlib import Path

import keras
import pytest

from kerashar.choose_backend import choose_backend
from kerashar.models import ModernTCN, save_model
from kerashar.training.looks import LOOKS
from tests.cli.support import expect_one_line_error, kerashar, kerashar_process

HAPT = Path(__file__).resolve().parents[3] / "shared" / "data" / "hapt.zip"
pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    settings = ["--set", "hidden=8", "--set", "blocks=1"]
    command = ["train", "modern_tcn", "--data", "watch", "--epochs", 2, "--run", "run", *settings]
    done = kerashar_process(*command, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "test accuracy" in done.stdout
    return folder / "run"


def test_unknown_commands_and_options_are_one_line(tmp_path):
    expect_one_line_error(kerashar_process("nosuch", cwd=tmp_path), "nosuch")
    expect_one_line_error(kerashar("models", "--nosuch", cwd=tmp_path), "--nosuch")
    expect_one_line_error(kerashar("train", "--epochs", "x", cwd=tmp_path), "--epochs")


def test_help_names_every_command(tmp_path):
    done = kerashar("--help", cwd=tmp_path)
    assert done.returncode == 0
    for command in ("data", "models", "train", "evaluate", "search", "predict"):
        assert command in done.stdout
        assert kerashar(command, "--help", cwd=tmp_path).returncode == 0


def test_models_lists_the_registry(tmp_path):
    done = kerashar("models", cwd=tmp_path)
    assert done.returncode == 0
    assert "modern_tcn" in done.stdout
    assert "125 samples" in done.stdout
    expect_one_line_error(kerashar("models", "xyz*", cwd=tmp_path), "'xyz*'", "modern_tcn")


def test_models_suggests_the_depth_for_a_window(tmp_path):
    done = kerashar("models", "modern_tcn", "--window", 2.56, "--rate", 50, cwd=tmp_path)
    assert done.returncode == 0
    assert "blocks=3" in done.stdout
    assert "2.50 s" in done.stdout
    expect_one_line_error(kerashar("models", "--window", 2.56, cwd=tmp_path), "--rate")
    expect_one_line_error(kerashar("models", "--rate", 0, cwd=tmp_path), "--rate 0")


def test_train_from_the_middle_of_a_search_space(tmp_path):
    options = ["--space", "quick", "--epochs", 1, "--set", "hidden=4", "--run", "run"]
    done = kerashar("train", "modern_tcn", "--data", "watch", *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    recipe = json.loads((tmp_path / "run" / "recipe.json").read_text())
    assert recipe["model_settings"] == {"hidden": 4, "blocks": 2, "dropout": 0.15}
    assert recipe["epochs"] == 1
    assert recipe["learning_rate"] == pytest.approx(10**-2.5)


def test_train_leaves_a_whole_run_folder(trained):
    files = {path.name for path in trained.iterdir()}
    assert {"recipe.json", "checkpoint.npz", "history.csv", "model.keras", "test.json"} <= files
    note = json.loads((trained / "test.json").read_text())
    assert note["leakage"].startswith("No subject")
    assert note["test"]["count"] > 0


def test_evaluate_repeats_the_figures_of_the_training(trained):
    figures = json.loads((trained / "test.json").read_text())["test"]
    with pytest.warns(UserWarning, match="Look 2 at the same test windows"):
        done = kerashar("evaluate", trained / "model.keras", "--data", "watch", cwd=trained)
    assert done.returncode == 0, done.stderr
    assert f"accuracy {figures['accuracy']:.2%}" in done.stdout
    note = json.loads((trained / "test.json").read_text())
    assert (note["looks"], note["test"]) == (2, figures)


def test_evaluate_records_looks_at_the_test_side_alone(trained, tmp_path):
    command = ["evaluate", shutil.copy(trained / "model.keras", tmp_path), "--data", "watch"]
    for side in ("train", "validation"):
        assert kerashar(*command, "--side", side, cwd=tmp_path).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["model.keras"]
    assert kerashar(*command, "--side", "test", cwd=tmp_path).returncode == 0  # the first one: nothing warns
    assert len((tmp_path / LOOKS).read_text().splitlines()) == 1


def test_evaluate_leaves_files_of_others_alone_and_works_where_it_cannot_write(trained, tmp_path):
    command = ["evaluate", shutil.copy(trained / "model.keras", tmp_path), "--data", "watch"]
    (tmp_path / "test.json").write_text('{"mine": 1}')
    assert kerashar(*command, cwd=tmp_path).returncode == 0
    assert (tmp_path / "test.json").read_text() == '{"mine": 1}'
    (tmp_path / LOOKS).unlink()
    (tmp_path / LOOKS).mkdir()  # nobody, not even root, can append to it
    done = kerashar(*command, cwd=tmp_path)
    assert done.returncode == 0
    assert "accuracy" in done.stdout
    assert "not on record" in done.stdout


def test_predict_writes_json_lines(trained):
    done = kerashar(
        "predict",
        trained / "model.keras",
        "--data",
        "watch",
        "--subject",
        "05",
        "--out",
        "out.jsonl",
        cwd=trained,
    )
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in (trained / "out.jsonl").read_text().splitlines()]
    assert {row["subject"] for row in rows} == {"05"}
    assert all(0 < row["confidence"] <= 1 and row["seconds"] >= 0 for row in rows)


def test_predict_refuses_what_does_not_fit(trained):
    save_model(ModernTCN((64, 3), 7, hidden=4, blocks=1), trained / "other.keras")
    expect_one_line_error(kerashar("predict", "other.keras", "--data", "watch", cwd=trained), "(n, 64, 3)")
    expect_one_line_error(
        kerashar("predict", trained / "model.keras", "--data", "watch", "--subject", "99", cwd=trained),
        "'99'",
    )
    expect_one_line_error(kerashar("predict", "missing.keras", "--data", "watch", cwd=trained), "missing.keras")


def test_another_class_count_is_refused(tmp_path):
    save_model(ModernTCN((128, 6), 3, hidden=4, blocks=1), tmp_path / "three.keras")
    expect_one_line_error(kerashar("evaluate", "three.keras", "--data", "watch", cwd=tmp_path), "7")


def train_hapt(archive, tmp_path, *more):
    return kerashar(
        "train",
        "modern_tcn",
        "--data",
        "hapt",
        "--archive",
        archive,
        *more,
        cwd=tmp_path,
        KERASHAR_CACHE=str(tmp_path / "cache"),
    )


def test_missing_archive(tmp_path):
    expect_one_line_error(train_hapt("nowhere.zip", tmp_path), "nowhere.zip", "--archive")
    assert not list(tmp_path.rglob("*.keras"))
    assert not (tmp_path / "runs").exists()


def test_truncated_archive(tmp_path):
    assert HAPT.exists(), f"the real data is missing: {HAPT}"
    (tmp_path / "short.zip").write_bytes(HAPT.read_bytes()[:100_000])
    expect_one_line_error(train_hapt("short.zip", tmp_path), "short.zip")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "modern_tcm", "--data", "watch"], ["Did you mean 'modern_tcn'"]),
        (["train", "modern_tcn", "--data", "wotch"], ["watch"]),
        (["train", "modern_tcn", "--data", "watch", "--backend", "jaxx"], ["'jaxx'", "Did you mean 'jax'"]),
        (["train", "modern_tcn", "--data", "watch", "--set", "hiden=3"], ["Did you mean 'hidden'"]),
        (["train", "modern_tcn", "--data", "watch", "--set", "hidden"], ["--set name=value"]),
        (["train", "modern_tcn", "--data", "watch", "--epochs", "0"], ["epochs=0"]),
        (["search", "modern_tcn", "--data", "watch", "--backend", "torch,cafe"], ["'cafe'"]),
        (["search", "modern_tcn"], ["--resume"]),
        (["search", "--resume", "nowhere"], ["nowhere", "search.json"]),
        (["search", "modern_tcn", "--data", "watch", "--trials", "0"], ["trials=0"]),
    ],
)
def test_mistakes_give_one_line(arguments, words, tmp_path):
    expect_one_line_error(kerashar(*arguments, cwd=tmp_path), *words)


def test_an_unwritable_run_folder(tmp_path):
    (tmp_path / "file").write_text("")  # a file where a folder would go: root may write anywhere else
    for command in ("train", "search"):
        done = kerashar(command, "modern_tcn", "--data", "watch", "--run", "file/run", cwd=tmp_path)
        expect_one_line_error(done, "file")


def test_a_keras_on_another_backend_is_an_error(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", keras.backend.backend())  # put back at the end
    with pytest.raises(ValueError, match=r"Expected Keras to run on 'jax'\. Received: 'torch'"):
        choose_backend("jax")
