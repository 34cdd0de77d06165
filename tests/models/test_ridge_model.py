import keras
import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifierCV

from kerashar.models import Hydra, MiniRocket, create_model, load_model
from kerashar.models.ridge_model import ALPHAS
from kerashar.training import Recipe, evaluate, train
from tests.support import random_signal, run
from tests.synthetic import make_split

SMALL = {"mini_rocket": {"num_features": 336, "max_dilations": 2}, "hydra": {"groups": 4}}
NAMES = list(SMALL)
CLASSES = 3


class Recorder(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.events = []

    def on_train_begin(self, logs=None):
        self.events.append("train begins")

    def on_epoch_begin(self, epoch, logs=None):
        self.events.append(f"epoch {epoch} begins")

    def on_train_batch_end(self, batch, logs=None):
        self.events.append(f"batch {batch} of {self.params['steps']}")

    def on_epoch_end(self, epoch, logs=None):
        self.events.append(f"epoch {epoch} ends: {sorted(logs)}")

    def on_train_end(self, logs=None):
        self.events.append("train ends")


def small(name, classes=CLASSES):
    return create_model(name, (32, 2), classes, **SMALL[name])


@pytest.fixture(scope="module", params=NAMES)
def fitted(request):
    training = make_split().train
    model, recorder = small(request.param), Recorder()
    model.get_layer("normalization").fit(training.windows)
    history = model.fit(training.windows, np.eye(CLASSES)[training.labels], batch_size=32, callbacks=[recorder])
    return model, recorder.events, history


def test_fit_tells_its_callbacks(fitted):
    _, events, history = fitted
    assert events == [
        "train begins",
        "epoch 0 begins",
        "batch 0 of 3",
        "batch 1 of 3",
        "batch 2 of 3",
        "epoch 0 ends: ['loss']",
        "train ends",
    ]
    assert 0 < history.history["loss"][0] < np.log(CLASSES)


def test_fit_gives_the_classifier_of_scikit_learn(fitted):
    model, training = fitted[0], make_split().train
    both = keras.Model(model.input, [model.get_layer("scaling").output, model.output])
    features, logits = both.predict(training.windows, verbose=0)
    theirs = RidgeClassifierCV(alphas=ALPHAS).fit(features, training.labels).decision_function(features)
    scale = np.abs(logits).max() / np.abs(theirs).max()  # of scores to logits
    np.testing.assert_allclose(logits / scale, theirs, atol=1e-4)


def test_classes_as_whole_numbers_and_a_fit_that_is_finished(fitted):
    model, training = fitted[0], make_split().train
    before = model.get_weights()
    model.fit(training.windows, training.labels, initial_epoch=1)
    for weight, old in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, old)
    model.fit(training.windows, training.labels, batch_size=32)
    for weight, old in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, old)


@pytest.mark.parametrize("name", NAMES)
def test_one_training_function_trains_it_too(name, tmp_path):
    split = make_split()
    recipe = Recipe(model=name, model_settings=SMALL[name], epochs=3, batch_size=16)
    result = train(recipe, split, tmp_path)
    assert evaluate(result.model, split.test).accuracy > 0.9
    assert len(result.history) == 1
    resumed = train(recipe, split, tmp_path)
    assert resumed.history == result.history
    logits = run(result.model, split.test.windows)
    np.testing.assert_array_equal(run(resumed.model, split.test.windows), logits)
    np.testing.assert_array_equal(run(load_model(tmp_path / "model.keras"), split.test.windows), logits)


def test_refuses_what_it_cannot_fit():
    windows = random_signal(6, 32, 2)
    with pytest.raises(ValueError, match="num_classes=0"):
        small("hydra", 0).fit(windows, np.zeros(6, int))
    with pytest.raises(ValueError, match=r"labels \(n,\) or \(n, 3\)"):
        small("hydra").fit(windows, np.zeros((6, 1), int))


@pytest.mark.parametrize("model_class", [MiniRocket, Hydra])
def test_refuses_a_window_of_unknown_length(model_class):
    with pytest.raises(ValueError, match="known window length"):
        model_class((None, 9), 6)
    with pytest.raises(ValueError, match="window_shape=\\(128,\\)"):
        model_class((128,), 6)
