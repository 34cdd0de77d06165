"""Commands on a folder of images."""

import csv
import json

import pytest

from kerashar.models import load_model
from tests.cli.support import expect_one_line_error, kerashar
from tests.training.image_folders import SIZE, make_images, write_images

pytestmark = pytest.mark.once
SMALL = ["--set", "widths=[8]", "--set", "convolutions=1", "--epochs", 2, "--training", "batch_size=8"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A working folder with images and a run, its surroundings, and what the training printed."""
    folder = tmp_path_factory.mktemp("images")
    write_images(folder / "colours", make_images())
    own = {"KERASHAR_CACHE": str(folder / "cache")}
    where = ["--data", "colours", "--training", f"data_settings={{'size': {SIZE}}}", "--training", "split=drawn"]
    done = kerashar("train", "plain_cnn", *where, *SMALL, "--run", "run", cwd=folder, **own)
    assert done.returncode == 0, done.stderr
    return folder, own, done.stdout


def test_train(trained):
    folder, _, printed = trained
    assert "images to train" in printed
    assert "images not seen in training" in printed
    assert load_model(folder / "run" / "model.keras").input_shape == (None, SIZE, SIZE, 3)


def test_evaluate_takes_the_split_of_the_run(trained):
    folder, own, _ = trained
    done = kerashar("evaluate", "run/model.keras", "--side", "validation", cwd=folder, **own)
    assert done.returncode == 0, done.stderr
    kept = json.loads((folder / "run" / "test.json").read_text())["validation"]
    assert f"accuracy {kept['accuracy']:.2%}" in done.stdout
    assert f"{kept['count']} images" in done.stdout


def test_predict_gives_the_likeliest_classes_as_a_table_and_as_lines(trained):
    folder, own, _ = trained
    for name in ("said.csv", "said.jsonl"):
        arguments = ["predict", "run/model.keras", "--data", "colours", "--top", 2, "--out", name]
        assert kerashar(*arguments, cwd=folder, **own).returncode == 0
    with (folder / "said.csv").open() as file:
        rows = list(csv.DictReader(file))
    records = [json.loads(line) for line in (folder / "said.jsonl").read_text().splitlines()]
    assert len(rows) == len(records) == 48
    for row, record in zip(rows, records, strict=True):
        assert row["name"] == record["name"]
        assert row["label"] == record["label"] == row["top_1"] == next(iter(record["top"]))
        assert [row["top_1"], row["top_2"]] == list(record["top"])
        assert float(row["probability_2"]) == record["top"][row["top_2"]]


def test_predict_takes_images_without_labels_and_leaves_broken_ones_out(trained):
    folder, own, _ = trained
    (folder / "mixed" / "deeper").mkdir(parents=True)
    for source, target in (("blue/000.png", "mixed/one.png"), ("red/002.png", "mixed/deeper/two.png")):
        (folder / target).write_bytes((folder / "colours" / source).read_bytes())
    (folder / "mixed" / "broken.png").write_bytes(b"no image")
    done = kerashar("predict", "run/model.keras", "--data", "mixed", cwd=folder, **own)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["name"] for line in done.stdout.splitlines()] == ["deeper/two.png", "one.png"]
    assert "left out: broken.png: " in done.stderr
    single = kerashar("predict", "run/model.keras", "--data", "mixed/one.png", cwd=folder, **own)
    assert json.loads(single.stdout)["name"] == "one.png"
    expect_one_line_error(kerashar("predict", "run/model.keras", "--data", "nowhere", cwd=folder, **own), "nowhere")
    (folder / "empty").mkdir()
    expect_one_line_error(
        kerashar("predict", "run/model.keras", "--data", "empty", cwd=folder, **own), "Received: none"
    )


def test_a_submission_has_the_order_of_its_sample(trained):
    folder, own, _ = trained
    (folder / "sample.csv").write_text("id,colour\n047,?\n000,?\n")
    arguments = ["predict", "run/model.keras", "--data", "colours", "--sample", "sample.csv", "--out", "mine.csv"]
    done = kerashar(*arguments, cwd=folder, **own)
    assert done.returncode == 0, done.stderr
    with (folder / "mine.csv").open() as file:
        assert [row["id"] for row in csv.DictReader(file)] == ["047", "000"]


def test_an_ensemble_is_measured_on_the_validation_side(trained):
    folder, own, _ = trained
    models = ["run/model.keras", "run/model.keras"]
    for kind in ("weighted", "majority"):
        done = kerashar("ensemble", *models, "--kind", kind, "--out", "run/both.keras", cwd=folder, **own)
        assert done.returncode == 0, done.stderr
        kept = json.loads((folder / "run" / "test.json").read_text())["validation"]
        assert done.stdout.count(f"{kept['accuracy']:.2%}") == 3
        assert f"{kind} of all" in done.stdout
    done = kerashar("evaluate", "run/both.keras", "--side", "validation", cwd=folder, **own)
    assert f"accuracy {kept['accuracy']:.2%}" in done.stdout
    expect_one_line_error(
        kerashar("ensemble", models[0], "--out", "one.keras", cwd=folder, **own), "two models or more"
    )


def test_mistakes(trained):
    folder, own, _ = trained
    official = kerashar("train", "plain_cnn", "--data", "colours", *SMALL, cwd=folder, **own)
    expect_one_line_error(official, "Draw a test side: split='drawn'")
    windows = kerashar("train", "modern_tcn", "--data", "colours", cwd=folder, **own)
    expect_one_line_error(windows, "colours")
    none = kerashar("predict", "run/model.keras", "--data", "colours", "--top", 0, cwd=folder, **own)
    expect_one_line_error(none, "at least one class")
