"""`kerashar models --benchmark` as a user runs it."""

import csv
import json

import pytest

from kerashar.models import create_model, save_model
from tests.cli.support import expect_one_line_error, kerashar

pytestmark = pytest.mark.once


def test_measures_models_and_a_run_and_goes_on_after_a_failure(tmp_path):
    model = create_model("tcn", (32, 3), 4, hidden=4, levels=1)
    save_model(model, tmp_path / "mine" / "model.keras")
    (tmp_path / "mine" / "test.json").write_text(json.dumps({"looks": 1, "test": {"accuracy": 0.876}}))
    options = ["--size", "8x3", "--size", "40x3", "--classes", 4, "--run", "mine"]
    files = ["--csv", "costs.csv", "--picture", "costs.png"]
    done = kerashar("models", "mini_rocket", "--benchmark", *options, *files, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "87.60%" in done.stdout
    assert "window length of at least 9" in done.stdout
    with (tmp_path / "costs.csv").open(newline="") as file:
        short, long, mine = csv.DictReader(file)
    assert (short["model"], short["input_shape"], short["flops"]) == ("mini_rocket", "8x3", "")
    assert "at least 9 samples" in short["problem"]
    assert (long["problem"], long["top_1"]) == ("", "")
    assert int(long["parameters"]) == create_model("mini_rocket", (40, 3), 4).count_params()
    assert (mine["model"], mine["top_1"], mine["top_1_of"], mine["input_shape"]) == ("mine", "0.876", "test", "32x3")
    assert (tmp_path / "costs.png").read_bytes().startswith(b"\x89PNG")


def test_options_that_do_not_go_together_are_one_line(tmp_path):
    expect_one_line_error(kerashar("models", "--size", "64x64", cwd=tmp_path), "--benchmark")
    expect_one_line_error(kerashar("models", "--benchmark", "--rate", 50, cwd=tmp_path), "--rate")
    mixed = ["models", "tcn", "vit_tiny", "--benchmark", "--size", "64x64"]
    expect_one_line_error(kerashar(*mixed, cwd=tmp_path), "--takes", "images, signals")
    expect_one_line_error(kerashar("models", "tcn", "--benchmark", "--size", "64", cwd=tmp_path), "--size 64")
    expect_one_line_error(kerashar("models", "tcn", "--takes", "images", cwd=tmp_path), "for images", "'tcn'")
    expect_one_line_error(kerashar("models", "--benchmark", "--run", "none", cwd=tmp_path), "model.keras")
