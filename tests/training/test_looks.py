"""The record of looks at the test windows."""

import json

import pytest

from kerashar.callbacks import CSVLog
from kerashar.models import ModernTCN
from kerashar.training import Recipe, evaluate
from kerashar.training.looks import LOOKS, look_at_test, looks_at, record_look, write_test_note
from kerashar.training.metrics import Metrics
from tests.synthetic import make_split

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def split():
    return make_split()


@pytest.fixture(scope="module")
def model(split):
    model = ModernTCN(split.test.window_shape, 3, hidden=4, blocks=1)
    model.fit_normalization(split.train.windows)
    return model


def note(folder):
    return json.loads((folder / "test.json").read_text())


def test_the_first_look(split, model, tmp_path):
    recipe = Recipe(epochs=3)
    metrics = look_at_test(tmp_path / "run", model, split.test, recipe=recipe, best_epoch=2)
    assert metrics == evaluate(model, split.test)
    written = note(tmp_path / "run")
    assert Metrics(**written["test"]) == metrics
    assert written["looks"] == 1
    assert written["best_epoch"] == 2
    assert written["recipe"] == recipe.version_name
    (look,) = looks_at(tmp_path / "run", split.test.fingerprint())
    assert look["look"] == 1
    assert look["model"] == model.name
    assert look["test"] == metrics.to_json()
    assert looks_at(tmp_path / "another", split.test.fingerprint()) == []


def test_a_second_look_is_recorded_and_warned_of(split, model, tmp_path):
    with CSVLog(tmp_path) as log:
        first = look_at_test(tmp_path, model, split.test, logs=[log], best_epoch=2)
    line = (tmp_path / LOOKS).read_text()
    other = ModernTCN(split.test.window_shape, 3, hidden=4, blocks=1, name="another")
    with CSVLog(tmp_path) as log, pytest.warns(UserWarning, match="Look 2 at the same test windows") as warned:
        second = look_at_test(tmp_path, other, split.test, logs=[log])
    assert __file__ in {each.filename for each in warned}
    assert second != first
    assert note(tmp_path)["looks"] == 2
    assert note(tmp_path)["test"] == first.to_json(), "the first look is the one that counts"
    assert note(tmp_path)["best_epoch"] == 2
    assert (tmp_path / LOOKS).read_text().startswith(line), "no line is ever taken out"
    assert [look["model"] for look in looks_at(tmp_path, split.test.fingerprint())] == [model.name, "another"]
    assert f"{first.accuracy}" in (tmp_path / "test.csv").read_text()
    assert "test_look_2_accuracy" in (tmp_path / "test.csv").read_text()


def test_other_windows_are_looked_at_for_the_first_time(split, model, tmp_path):
    first = look_at_test(tmp_path, model, split.test)
    look_at_test(tmp_path, model, make_split(seed=1).test)  # would warn, and so fail
    assert note(tmp_path)["looks"] == 1
    assert note(tmp_path)["test"] == first.to_json()


def test_a_crash_between_record_and_note_or_within_the_record(split, model, tmp_path):
    metrics = look_at_test(tmp_path, model, split.test)
    whole = (tmp_path / LOOKS).read_text()
    (tmp_path / "test.json").unlink()
    write_test_note(tmp_path)
    assert note(tmp_path)["test"] == metrics.to_json()
    (tmp_path / LOOKS).write_text(whole[: len(whole) // 2])
    look_at_test(tmp_path, model, split.test)  # the torn line's figures were never seen
    assert note(tmp_path)["looks"] == 1


def test_several_models_in_one_look(split, model, tmp_path):
    figures = {"test": evaluate(model, split.test), "ensemble": evaluate(model, split.train)}
    with CSVLog(tmp_path) as log:
        record_look(tmp_path, figures, split.test, logs=[log])
    assert note(tmp_path)["looks"] == 1
    assert note(tmp_path)["ensemble"] == figures["ensemble"].to_json()
    assert "test_ensemble_accuracy" in (tmp_path / "test.csv").read_text()


def test_windows_that_do_not_fit_are_no_look(split, tmp_path):
    other = ModernTCN((32, 3), 3, hidden=4, blocks=1)
    with pytest.raises(ValueError, match="Expected windows"):
        look_at_test(tmp_path, other, split.test)
    assert not list(tmp_path.iterdir())
