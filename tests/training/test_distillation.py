import hashlib
import json
from pathlib import Path

import keras
import numpy as np
import pytest
from typer.testing import CliRunner

from kerashar.cli.main import app
from kerashar.files import write_json
from kerashar.models import load_model, save_model
from kerashar.training import Recipe, evaluate, train
from kerashar.training.distillation import distill, teacher_logits
from tests.support import random_signal
from tests.synthetic import make_split

SMALL = {"hidden": 8, "blocks": 1, "dropout": 0.2}


def student(**changes):
    common = {"epochs": 8, "batch_size": 16, "learning_rate": 1e-2, "model_settings": SMALL, "loss": "distillation"}
    return Recipe(**{**common, **changes})


def says(logits, window_shape=(32, 2)):
    """A teacher that says this of each window."""
    inputs = keras.Input(window_shape)
    pooled = keras.layers.GlobalAveragePooling1D()(inputs)
    outputs = keras.layers.Dense(len(logits), kernel_initializer="zeros", name="logits")
    model = keras.Model(inputs, outputs(pooled))
    outputs.bias.assign(logits)
    return model


def softmax(logits):
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_several_teachers_say_the_mean_of_their_softened_probabilities(temperature):
    said = np.array([[3.0, 0.0, -2.0], [0.0, 5.0, 1.0], [-1e4, 0.0, 1e4]])
    logits = teacher_logits([says(each) for each in said], random_signal(5, 32, 2), temperature)
    assert np.isfinite(logits).all()
    expected = softmax(said / temperature).mean(axis=0)
    np.testing.assert_allclose(softmax(logits / temperature), np.tile(expected, (5, 1)), rtol=1e-5)
    alone = teacher_logits([says(said[0])], random_signal(5, 32, 2), temperature)
    np.testing.assert_allclose(alone - alone[:, :1], np.tile(said[0] - said[0, 0], (5, 1)), rtol=1e-5)


@pytest.mark.once
def test_the_student_learns_from_the_teacher_alone(tmp_path):
    """With no share of the labels in the loss, all that it knows comes from the teacher."""
    split = make_split()
    teacher = train(Recipe(epochs=8, batch_size=16, learning_rate=1e-2, model_settings=SMALL), split).model
    recipe = student(loss_settings={"alpha": 1.0, "temperature": 3.0}, augmentation={"mixup": 0.2})
    result = distill(teacher, recipe, split, tmp_path)
    assert evaluate(result.model, split.test).accuracy > 0.9
    again = distill(teacher, recipe, split, tmp_path)  # only read again
    for one, other in zip(again.model.get_weights(), result.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(ValueError, match="Choose a new folder"):  # another teacher is another run
        distill([teacher, says([0.0, 1.0, 2.0])], recipe, split, tmp_path)


def test_a_teacher_that_errs_is_followed():
    split = make_split()
    result = distill(says([9.0, 0.0, 0.0]), student(epochs=2, learning_rate=3e-2, loss_settings={"alpha": 1.0}), split)
    assert evaluate(result.model, split.test).accuracy == pytest.approx(1 / 3)  # always the first class


@pytest.mark.once
def test_what_is_refused():
    split = make_split()
    for teachers, recipe, message in (
        (says([0, 0, 0]), student(loss="cross_entropy"), "loss='distillation'"),
        ([], student(), "at least one teacher"),
        (says([0, 0]), student(), "teachers of 3 classes: still, slow, fast"),
        ([says([0, 0]), says([0, 0, 0])], student(), "all of the same classes"),
        (says([0, 0, np.nan]), student(), "one of them has diverged"),
        (keras.Sequential([keras.Input((16, 2)), keras.layers.Flatten()]), student(), r"windows \(n, 16, 2\)"),
        (says([0, 0, 0]), student(loss_settings={"temprature": 2}), "Did you mean 'temperature'"),
    ):
        with pytest.raises(ValueError, match=message):
            distill(teachers, recipe, split)


@pytest.mark.once
def test_the_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for number in range(2):
        save_model(says(np.eye(7)[3] * 9, (128, 6)), f"teacher{number}.keras")
    recipe = student(epochs=1, batch_size=128, learning_rate=0.1, loss_settings={"alpha": 1.0})
    write_json("student.json", recipe.to_json())
    teachers = ["--teacher", "teacher0.keras", "--teacher", "teacher1.keras"]
    done = CliRunner().invoke(app, ["distill", "student.json", "--data", "watch", "--run", "run", *teachers])
    assert done.exit_code == 0, done.output
    assert "2 teachers" in done.output
    assert "test accuracy" in done.output
    digests = {name: hashlib.sha256(Path(name).read_bytes()).hexdigest() for name in teachers[1::2]}
    assert json.loads(Path("run/teachers.json").read_text()) == digests
    assert json.loads(Path("run/test.json").read_text())["looks"] == 1
    model = load_model("run/model.keras")
    assert (model.predict(random_signal(8, *model.input_shape[1:]), verbose=0).argmax(axis=1) == 3).all()
