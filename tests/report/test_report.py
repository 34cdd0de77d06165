"""Reports of runs on made-up windows and images: their numbers, what they refuse, and how a browser shows them."""

import io
import json
import re
import runpy
import shlex
import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import precision_recall_fscore_support
from typer.main import get_command

from kerashar.cli.main import app
from kerashar.data import split_by_subject
from kerashar.explanations import channel_importance
from kerashar.models import load_model
from kerashar.report import write_report
from kerashar.report.confusion_pattern import confusion_patterns
from kerashar.report.figures import intervals, reliability
from kerashar.report.placements import placements, without_each_placement
from kerashar.report.read_run import read_run
from kerashar.report.statements import leaks
from kerashar.report.wrong_answers import surest_wrong_answers
from kerashar.training import Recipe, compare_runs, cross_validate, look_at_test, recipe_split, train
from kerashar.training.looks import LOOKS, looks_at
from kerashar.training.metrics import Metrics
from kerashar.training.predictions import Predictions
from tests.browser import browser_page
from tests.cli.support import expect_one_line_error, kerashar
from tests.packaging.test_readme import ROOT, python_blocks
from tests.pages import Page
from tests.synthetic import make_windows
from tests.training.image_folders import SIZE, make_images, write_images

pytestmark = pytest.mark.once
SMALL = {"hidden": 4, "blocks": 1}
RECIPE = Recipe(model_settings=SMALL, epochs=2, learning_rate=1e-3)
HOSTILE = ("still $a$", "<script>alert(1)</script>", "fast & 'wild'")  # class names are a user's text


@pytest.fixture(scope="module")
def windows():
    made = make_windows(subjects=8, windows_each=12)
    return replace(made, class_names=HOSTILE, channels=("phone_x", "watch_x"))


@pytest.fixture(scope="module")
def split(windows):
    return split_by_subject(windows, test_subjects=["s0"], validation_subjects=["s1", "s2", "s3"])


@pytest.fixture(scope="module")
def runs(split, tmp_path_factory):
    """A run, and another of the same windows."""
    folder = tmp_path_factory.mktemp("runs")
    train(RECIPE, split, folder / "first")
    train(replace(RECIPE, seed=1, epochs=1), split, folder / "second")
    return folder


@pytest.fixture(scope="module")
def folds(windows, tmp_path_factory):
    folder = tmp_path_factory.mktemp("folds") / "crossed"
    return cross_validate(replace(RECIPE, epochs=1), windows, folder, 2), folder


@pytest.fixture(scope="module")
def pages(runs, split, tmp_path_factory):
    """The report of one run, and of two."""
    folder = tmp_path_factory.mktemp("pages")
    write_report(runs / "first", folder / "one.html", samples=split)
    write_report(runs / "first", folder / "two.html", runs / "second", samples=split)
    return folder


@pytest.fixture(scope="module")
def painted(tmp_path_factory):
    """A folder with a run on images, of which one is broken, and its report by the command line."""
    folder = tmp_path_factory.mktemp("painted")
    write_images(folder / "colours", make_images(each=40))
    (folder / "colours" / "red" / "broken.png").write_bytes(b"no image")
    recipe = Recipe(
        "plain_cnn",
        {"widths": [8], "convolutions": 1},
        epochs=1,
        batch_size=8,
        data=str(folder / "colours"),
        data_settings={"size": SIZE},
        split="drawn",
    )
    train(recipe, recipe_split(recipe, cache=folder / "cache"), folder / "run")
    done = report("run", "--out", "page.html", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def report(*arguments: Any, cwd: Path) -> Any:
    return kerashar("report", *arguments, cwd=cwd, KERASHAR_CACHE=str(cwd / "cache"))


def read(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


# === Numbers ===


def test_figures_are_those_of_metrics_and_scikit_learn(pages, runs, split):
    page, run = read(pages / "one.html"), read_run(runs / "first", samples=split)
    text = page.said
    for value in (run.metrics.accuracy, run.metrics.macro_f1, run.metrics.calibration_error or 0.0):
        assert f"{100 * value:.2f} %" in text
    assert f"{run.metrics.loss:.3f}" in text
    scores: Any = precision_recall_fscore_support(split.validation.labels, run.predicted, zero_division=0)
    for number, (name, count, *shown) in enumerate(page.table("class", "windows", "precision")):
        assert name == HOSTILE[number]
        assert int(count) == scores[3][number]
        assert shown == [f"{100 * part[number]:.1f} %" for part in scores[:3]]
    for name, count, accuracy, macro_f1 in page.table("subject"):
        theirs = run.metrics.per_subject[name]
        assert (int(count), accuracy) == (theirs["count"], f"{100 * theirs['accuracy']:.1f} %")
        assert macro_f1 == f"{100 * theirs['macro_f1']:.1f} %"
    matrix = page.table("")
    assert [[int(cell) for cell in row[1:]] for row in matrix] == run.metrics.confusion


def test_confusions_in_words_and_in_order():
    logits = np.eye(3)[[0, 1, 1, 1, 2, 0]]
    figures = Metrics.of(logits, np.array([0, 0, 0, 1, 1, 2]), ["sitting", "standing", "lying"])
    assert [str(pattern) for pattern in confusion_patterns(figures, ["sitting", "standing", "lying"])] == [
        "sitting taken for standing: 2 of 3",
        "lying taken for sitting: 1 of 1",
        "standing taken for lying: 1 of 2",
    ]


def test_reliability_is_the_calibration_error(runs, split):
    run = read_run(runs / "first", samples=split)
    bins = reliability(run.confidence, run.right)
    assert sum(each["count"] for each in bins) == run.metrics.count
    error = sum(each["count"] * abs(each["confidence"] - each["right"]) for each in bins) / run.metrics.count
    assert error == pytest.approx(run.metrics.calibration_error)


def test_intervals_are_those_of_the_folds(folds):
    result, _ = folds
    for name, part in result.summary().items():
        assert list(intervals(result.predictions)[name]) == part["interval"]
    one = result.predictions.subjects == "s1"
    parts = {name: getattr(result.predictions, name)[one] for name in ("logits", "labels", "subjects")}
    parts |= {name: getattr(result.predictions, name)[one] for name in ("recordings", "starts")}
    assert intervals(replace(result.predictions, **parts)) == {}


def test_the_surest_wrong_answers(runs, split):
    run = read_run(runs / "first", samples=split)
    found = surest_wrong_answers(run, "test", most=4)
    assert found.note == ""
    sure = np.sort(run.confidence[~run.right])[::-1][:4]
    np.testing.assert_allclose([answer.confidence for answer in found.answers], sure)
    for answer in found.answers:
        assert answer.true != answer.given
        assert answer.of_true <= answer.confidence
        assert answer.svg.startswith("<svg")
        assert "speaks for" in answer.alt


def test_a_model_that_has_no_explanation_says_so(split, tmp_path):
    train(Recipe("mini_rocket", {"num_features": 84}, epochs=1), split, tmp_path)
    run = read_run(tmp_path, samples=split)
    others = replace(run.predictions, labels=(run.predicted + 1) % 3)
    found = surest_wrong_answers(replace(run, predictions=others), "test", most=1)
    assert "let none through" in found.note
    (answer,) = found.answers
    assert answer.svg.startswith("<svg")
    assert "<image" not in answer.svg
    assert "speaks for" not in answer.alt


def test_what_each_placement_is_worth(runs, pages, split):
    assert placements(split.train.channels) == {"phone": [0], "watch": [1]}
    assert placements(("body_acceleration_x", "total_acceleration_x")) == {}
    assert placements(("x", "y", "z")) == {}
    run = read_run(runs / "first", samples=split)
    phone, _ = without_each_placement(run)
    assert (phone["group"], phone["channels"]) == ("phone", 1)
    model = load_model(runs / "first" / "model.keras")
    theirs = channel_importance(model, split.validation.windows, split.validation.labels, {"phone": [0]})
    assert phone["loss"] == theirs.rows()[0]["loss"] != 0
    (row, _) = read(pages / "one.html").table("without")
    assert row == ["phone", "1", *row[2:4], f"{phone['loss']:+.3f}"]


def test_two_runs_side_by_side(pages, runs, split):
    page = read(pages / "two.html")
    first, second = (read_run(runs / name, samples=split) for name in ("first", "second"))
    pair = compare_runs(first.predictions, second.predictions)
    rows = page.table("figure")
    assert rows[0][1] == f"{100 * pair.difference:+.1f}".replace("-", "\u2212")
    assert rows[0][3] == f"{pair.p_value:.3g}"
    assert "p is at least 0.25" in page.said
    difference = 100 * (second.metrics.per_class[HOSTILE[0]] - first.metrics.per_class[HOSTILE[0]])
    assert page.table("class", "windows", "first precision")[0][-1] == f"{difference:+.1f}".replace("-", "\u2212")
    assert page.table("setting") == [["epochs", "2", "1"], ["seed", "0", "1"]]


def test_a_cross_validation_by_its_folds(folds, windows, tmp_path):
    result, folder = folds
    write_report(folder, tmp_path / "page.html", samples=windows)
    page = read(tmp_path / "page.html")
    assert [row[1] for row in page.table("subject")] == ["12"] * 8
    assert f"{100 * result.predictions.metrics().accuracy:.2f} %" in page.said
    assert "Each of the 8 subjects is held out once." in page.said
    write_report(folder, tmp_path / "without.html")
    assert "Not drawn: the recipe doesn't name the data" in read(tmp_path / "without.html").said


def test_images(painted):
    page = read(painted / "page.html")
    pictures = [of for tag, of in page.tags if tag == "img"]
    assert 0 < len(pictures) <= 6
    assert "speaks for it" in str(pictures[0]["alt"])
    assert "8 by 8 pixels, RGB" in page.said
    assert "1 files left out" in page.said
    assert "broken.png" in page.said


# === Test side and leaks ===


def test_a_look_at_the_test_is_put_on_record(painted, pages):
    assert "Nobody has looked" in read(pages / "one.html").said
    assert "Nobody has looked" in read(painted / "page.html").said
    assert not (painted / "run" / LOOKS).exists()
    done = report("run", "--out", "test.html", "--side", "test", cwd=painted)  # a second look would warn, and so fail
    assert done.returncode == 0, done.stderr
    look = json.loads((painted / "run" / LOOKS).read_text())
    assert (look["look"], look["model"]) == (1, "model.keras")
    assert f"{100 * look['test']['accuracy']:.2f} %" in read(painted / "test.html").said
    assert "Looked at once." in read(painted / "test.html").said


def test_a_second_look_warns(runs, split, tmp_path):
    folder = shutil.copytree(runs / "first", tmp_path / "run")
    first = look_at_test(folder, load_model(folder / "model.keras"), split.test)
    with pytest.warns(UserWarning, match="Look 2 at the same test windows") as warned:
        write_report(folder, tmp_path / "page.html", side="test", samples=split)
    assert __file__ in {each.filename for each in warned}
    looks = looks_at(folder, split.test.fingerprint())
    assert [Metrics(**look["test"]) for look in looks] == [first, first]
    assert "Looked at 2 times." in read(tmp_path / "page.html").said


def test_reasons_for_a_leak_are_printed(runs, windows, split):
    leaking = replace(split, train=windows.of_groups(["s1", "s4"]), allow_leakage="the same person")
    found = leaks(replace(read_run(runs / "first", samples=split), split=leaking))
    assert (False, "A subject is on two sides: s1.") in found
    assert any(
        not well and text.startswith("Leakage allowed (the same person): shared subject") for well, text in found
    )


def test_folds_that_share_a_subject(folds, windows):
    _, folder = folds
    run = read_run(folder, samples=windows)
    assert all(well for well, _ in leaks(run))
    first, second = run.people
    again = replace(
        run, people=({**first, "train": [*first["train"], *first["test"]]}, {**second, "test": first["test"]})
    )
    assert sum(not well for well, _ in leaks(again)) >= 2


# === What is refused ===


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda run: (run / "model.keras").unlink(), "Expected a finished run.*it goes on"),
        (lambda run: (run / "history.csv").write_text("epoch,loss\n1,2"), "history.csv to be as the run wrote it"),
        (lambda run: (run / "run.json").write_text("{"), "run.json to be as the run wrote it"),
        (lambda run: (run / "recipe.json").unlink(), "has no recipe.json"),
        (lambda run: (run / "model.keras").write_bytes(b"PK"), "Expected"),
        (lambda run: (run / "pretraining.json").write_text("{}"), "Expected a run with labels"),
        (lambda run: (run / "search.json").write_text("{}"), "Expected a finished search"),
        (lambda run: (run / "cross_validation.json").write_text("{}"), "Expected a finished cross-validation"),
    ],
)
def test_unfinished_and_damaged_folders(harm, message, runs, split, tmp_path):
    folder = shutil.copytree(runs / "first", tmp_path / "run")
    harm(folder)
    with pytest.raises(ValueError, match=message):
        write_report(folder, tmp_path / "page.html", samples=split)
    assert not (tmp_path / "page.html").exists()


def test_the_command_line_refuses_in_one_line(tmp_path):
    expect_one_line_error(kerashar("report", "nowhere", cwd=tmp_path), "Expected a run folder", "nowhere")


def test_runs_that_do_not_fit(runs, folds, split, windows, tmp_path):
    page = tmp_path / "page.html"
    with pytest.raises(FileNotFoundError, match="which there isn't"):
        write_report(tmp_path / "nowhere", page)
    with pytest.raises(ValueError, match="names its data set"):
        write_report(runs / "first", page)
    elsewhere = replace(split, train=split.train.select(slice(1, None)))
    with pytest.raises(ValueError, match=r"was trained on\. Received: others in train"):
        write_report(runs / "first", page, samples=elsewhere)
    with pytest.raises(ValueError, match="Expected the split of a training"):
        write_report(runs / "first", page, samples=windows)
    _, crossed = folds
    with pytest.raises(ValueError, match="Expected --side validation with a cross-validation"):
        write_report(crossed, page, side="test")
    with pytest.raises(ValueError, match="Expected all windows of a cross-validation"):
        write_report(crossed, page, samples=split)
    with pytest.raises(ValueError, match=r"that .* predicts\. Received: others"):
        write_report(crossed, page, samples=windows.select(slice(1, None)))
    other = Predictions.load(crossed / "predictions.npz")
    again = shutil.copytree(crossed, tmp_path / "again")
    replace(other, data="another").save(again / "predictions.npz")
    with pytest.raises(ValueError, match="Received: of several"):
        write_report(again, page)
    claim = json.loads((again / "cross_validation.json").read_text())
    (again / "cross_validation.json").write_text(json.dumps({**claim, "data": "another"}))
    with pytest.raises(ValueError, match="Expected two runs on the same windows"):
        write_report(crossed, page, again)
    assert not page.exists()


# === The page ===


def test_the_text_of_users_is_never_markup(pages):
    for name in ("one.html", "two.html"):
        page = read(pages / name)
        assert "script" not in [tag for tag, _ in page.tags]
        assert HOSTILE[1] in page.said
        assert "still $a$" in page.said


def test_what_is_read_aloud(pages):
    for name in ("one.html", "two.html"):
        page = read(pages / name)
        tags = [tag for tag, _ in page.tags]
        for landmark in ("header", "nav", "main", "footer", "h1"):
            assert tags.count(landmark) == 1
        levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        names = [of["id"] for _, of in page.tags if "id" in of]
        assert len(names) == len(set(names))
        links = {str(of["href"]) for tag, of in page.tags if tag == "a"}
        assert {link[1:] for link in links} <= set(names)
        assert len(links) > 10
        assert tags.count("caption") == tags.count("table") == len(page.tables)
        assert all("scope" in of for tag, of in page.tags if tag == "th")
        for tag, of in page.tags:
            if tag == "svg":
                assert of["role"] == "img"
                assert len(str(of["aria-label"])) > 40


@pytest.mark.parametrize("name", ["one.html", "two.html"])
def test_in_a_browser(name, pages):
    with browser_page(400, 900) as (page, errors):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto((pages / name).as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        pictures = page.locator("figure svg, figure img").all()
        assert len(pictures) >= (5 if name == "one.html" else 9)
        for picture in pictures:
            check_picture(picture)
        page.set_viewport_size({"width": 1280, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
        colours = [_colours(page, scheme) for scheme in ("light", "dark")]
        assert colours[0] != colours[1]
        assert [url for url in asked if not url.startswith("data:")] == [(pages / name).as_uri()]
        assert not errors


def _colours(page: Any, scheme: str) -> tuple[str, str]:
    """Of text and ground; apart by at least the contrast that WCAG asks for."""
    page.emulate_media(color_scheme=scheme)
    ink, ground = page.evaluate(
        "[getComputedStyle(document.querySelector('.soft')).color,"
        " getComputedStyle(document.querySelector('section')).backgroundColor]"
    )
    light, dark = sorted((_luminance(colour) for colour in (ink, ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) > 4.5
    return ink, ground


def _luminance(colour: str) -> float:
    shares = np.array([int(part) for part in re.findall(r"\d+", colour)[:3]]) / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_images_have_pixels(painted):
    """Those of `<img>`, which a page of windows has none of."""
    with browser_page(400, 900) as (page, errors):
        page.goto((painted / "page.html").as_uri())
        sizes = page.evaluate("[...document.images].map(each => [each.naturalWidth, each.naturalHeight])")
        assert sizes
        assert min(map(min, sizes)) > 0
        for picture in page.locator("figure img").all():
            check_picture(picture)
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        assert not errors


def check_picture(picture: Any) -> None:
    """It is there, and of more than one colour."""
    shown = Image.open(io.BytesIO(picture.screenshot()))
    assert min(shown.size) > 100
    assert len(shown.convert("RGB").getcolors(2**20) or []) > 10


# === The guide ===


def test_the_guide(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    script = tmp_path / "script.py"
    script.write_text("".join(python_blocks("docs/report.md")), encoding="utf-8")
    runpy.run_path(str(script))
    assert "bent_over_row" in read(tmp_path / "report.html").said
    commands: Any = get_command(app)
    lines = re.findall(r"^kerashar report .+$", (ROOT / "docs" / "report.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(lines) == 3
    for line in lines:
        assert commands.commands["report"].make_context("report", shlex.split(line, comments=True)[2:]).params
