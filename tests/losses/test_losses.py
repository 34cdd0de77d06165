import json
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from keras import ops

from kerashar.losses import (
    CrossEntropy,
    Distillation,
    Focal,
    Huber,
    MeanSquaredError,
    Ordinal,
    create_loss,
    list_losses,
)
from tests.support import random_signal

WEIGHTS = [0.5, 2.0, 0.0, 1.5]
SOFT = np.array([[0.7, 0.3, 0, 0], [0, 0, 1, 0], [0.25, 0.25, 0.25, 0.25], [0, 0, 0, 1]])


def log_softmax(logits):
    logits = np.asarray(logits, np.float64)
    logits = logits - logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def cross_entropy(targets, logits, smoothing, weights):
    smoothed = (1 - smoothing) * targets + smoothing / 4
    return -(smoothed * log_softmax(logits)).sum(axis=1) * (targets @ weights)


def focal(targets, logits, smoothing, weights, gamma):
    smoothed, log_shares = (1 - smoothing) * targets + smoothing / 4, log_softmax(logits)
    return -(smoothed * (1 - np.exp(log_shares)) ** gamma * log_shares).sum(axis=1) * (targets @ weights)


def ordinal(targets, logits, smoothing, weights):
    smoothed, shares = (1 - smoothing) * targets + smoothing / 4, np.exp(log_softmax(logits))
    losses = np.zeros(len(targets))
    for threshold in range(1, 4):
        above, truth = shares[:, threshold:].sum(axis=1), smoothed[:, threshold:].sum(axis=1)
        losses -= truth * np.log(above) + (1 - truth) * np.log(1 - above)
    return losses * (targets @ weights)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize(
    ("make", "formula"),
    [
        (CrossEntropy, cross_entropy),
        (Ordinal, ordinal),
        (lambda **kw: Focal(0.5, **kw), lambda *given: focal(*given, gamma=0.5)),
        (lambda **kw: Focal(2.0, **kw), lambda *given: focal(*given, gamma=2.0)),
    ],
)
def test_losses_of_classes_equal_the_formula(make, formula, smoothing, weights):
    logits = 3 * random_signal(4, 4)
    losses = make(class_weights=weights, label_smoothing=smoothing, reduction=None)(SOFT, logits)
    expected = formula(SOFT, logits, smoothing, np.ones(4) if weights is None else np.array(weights))
    np.testing.assert_allclose(ops.convert_to_numpy(losses), expected, rtol=1e-5, atol=1e-6)
    mean = make(class_weights=weights, label_smoothing=smoothing)(SOFT, logits)
    np.testing.assert_allclose(ops.convert_to_numpy(mean), expected.mean(), rtol=1e-5)


def test_distillation_equals_the_formula():
    student, teacher = 3 * random_signal(4, 4), 3 * random_signal(4, 4, seed=1)
    loss = Distillation(3.0, 0.7, WEIGHTS, 0.1, reduction=None)
    told, answered = log_softmax(teacher / 3), log_softmax(student / 3)
    distance = (np.exp(told) * (told - answered)).sum(axis=1)
    expected = 0.7 * 9 * distance + 0.3 * cross_entropy(SOFT, student, 0.1, np.array(WEIGHTS))
    losses = loss(np.concatenate([SOFT, teacher], axis=1), student)
    np.testing.assert_allclose(ops.convert_to_numpy(losses), expected, rtol=1e-5)


def test_at_a_high_temperature_distillation_matches_logits():
    """Hinton et al., section 2.1: T^2 KL tends to the squared distance of centred logits over twice the classes."""
    student, teacher = random_signal(4, 5), random_signal(4, 5, seed=1)
    targets = np.concatenate([np.eye(5)[[0, 1, 2, 3]], teacher], axis=1)
    loss = ops.convert_to_numpy(Distillation(50.0, 1.0)(targets, student))
    centred = [logits - logits.mean(axis=1, keepdims=True) for logits in (student, teacher)]
    np.testing.assert_allclose(loss, ((centred[0] - centred[1]) ** 2).sum(axis=1).mean() / 10, rtol=0.02)


def test_losses_of_numbers_equal_the_formula():
    targets, outputs = 3 * random_signal(6, 1), 3 * random_signal(6, 1, seed=1)
    error = np.abs(targets - outputs)
    np.testing.assert_allclose(ops.convert_to_numpy(MeanSquaredError()(targets, outputs)), (error**2).mean(), rtol=1e-5)
    expected = np.where(error < 0.5, error**2 / 2, 0.5 * (error - 0.25)).mean()
    for given_targets in (targets, targets[:, 0]):
        loss = Huber(0.5)(given_targets, outputs)
        np.testing.assert_allclose(ops.convert_to_numpy(loss), expected, rtol=1e-5)


EXTREME = np.array(
    [[1e4, -1e4, 0, 0], [-1e4, 1e4, 0, 0], [0, 0, 1e4, 1e4], [-1e4, -1e4, -1e4, 1e4], [1e4, 0, 0, -1e4]], "float32"
)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize(
    ("name", "settings"), [(name, {}) for name in list_losses()] + [("focal", {"gamma": gamma}) for gamma in (0.0, 0.5)]
)
def test_extreme_outputs_give_a_finite_loss_and_gradient(name, settings, dtype):
    loss = create_loss(name, **settings)
    targets = np.eye(4)[[0, 0, 1, 0, 3]]
    if name == "distillation":
        targets = np.concatenate([targets, EXTREME[::-1]], axis=1)
    outputs = ops.convert_to_tensor(EXTREME, dtype)
    value, gradient = value_and_gradient(lambda logits: loss(targets, logits), outputs)
    assert np.isfinite(value)
    assert value > 100  # what is far off costs much, rather than being clipped
    assert np.isfinite(gradient).all()
    assert (np.abs(gradient[1]) > 0).any()  # the second one is wrong, and hears of it


def value_and_gradient(function, inputs):
    """Of a function of one tensor, by the backend's own means."""
    backend = keras.backend.backend()
    if backend == "torch":
        inputs = inputs.detach().requires_grad_()
        value = function(inputs)
        value.backward()
        gradient = inputs.grad
    elif backend == "jax":
        import jax

        value, gradient = jax.value_and_grad(function)(inputs)
    else:
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(inputs)
            value = function(inputs)
        gradient = tape.gradient(value, inputs)
    return float(ops.convert_to_numpy(value)), ops.convert_to_numpy(gradient)


def test_distillation_goes_through_fit_in_half_precision():
    labels = np.eye(3, dtype="float32")[np.arange(64) % 3]
    teacher = 4 * labels + 0.1 * random_signal(64, 3)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3, dtype="mixed_float16")])
    model.compile(keras.optimizers.Adam(0.1), create_loss("distillation", alpha=0.9))
    history = model.fit(labels, np.concatenate([labels, teacher], axis=1), epochs=20, verbose=0).history["loss"]
    assert history[-1] < history[0] / 5
    assert (model.predict(labels, verbose=0).argmax(axis=1) == labels.argmax(axis=1)).all()


@pytest.mark.once
@pytest.mark.parametrize("name", list_losses())
def test_config(name):
    settings: dict[str, Any] = {"focal": {"gamma": 1.5}, "huber": {"delta": 0.25}, "distillation": {"alpha": 0.9}}
    chosen = settings.get(name, {})
    if name not in ("huber", "mean_squared_error"):
        chosen = {**chosen, "class_weights": (1, 2), "label_smoothing": 0.1}
    loss = create_loss(name, **chosen)
    again = keras.saving.deserialize_keras_object(json.loads(json.dumps(keras.saving.serialize_keras_object(loss))))
    assert type(again) is type(loss)
    assert again.get_config() == loss.get_config()
    targets = np.eye(2, 4 if name == "distillation" else 2)
    assert float(again(targets, random_signal(2, 2))) == float(loss(targets, random_signal(2, 2)))


@pytest.mark.once
@hypothesis_settings(max_examples=50, deadline=None)
@given(st.integers(2, 9), st.integers(0, 10**6), st.floats(0.1, 20))
def test_the_further_class_costs_more(classes, seed, spread):
    """Of two wrong classes on one side of the target the ordinal loss prefers the nearer."""
    generator = np.random.default_rng(seed)
    target, *places = np.sort(generator.choice(classes + 1, 3, replace=False))
    losses = [float(Ordinal()(np.eye(classes + 1)[[target]], spread * np.eye(classes + 1)[[at]])) for at in places]
    assert losses[0] < losses[1]


@pytest.mark.once
def test_what_is_refused():
    targets, logits = np.eye(4), random_signal(4, 4)
    for call, message in (
        (lambda: create_loss("crossentropy"), "Did you mean 'cross_entropy'"),
        (lambda: create_loss("focal", gama=1), "Did you mean 'gamma'"),
        (lambda: create_loss("cross_entropy", reduction="sum"), "known setting of cross_entropy"),
        (lambda: create_loss("huber", label_smoothing=0.1), "a loss of numbers"),
        (lambda: create_loss("mean_squared_error", class_weights=[1, 1]), "a loss of numbers"),
        (lambda: Focal(-1.0), "gamma=-1"),
        (lambda: Huber(0), "delta=0"),
        (lambda: Distillation(0), "temperature=0"),
        (lambda: Distillation(alpha=1.5), "alpha=1.5"),
        (lambda: CrossEntropy(label_smoothing=1.0), "label_smoothing=1.0"),
        (lambda: CrossEntropy([1, -1]), "class_weights of at least 0"),
        (lambda: CrossEntropy([0, 0]), "class_weights of at least 0"),
        (lambda: CrossEntropy([1, float("nan")]), "class_weights of at least 0"),
        (lambda: CrossEntropy([1, 1])(targets, logits), "Expected 4 class_weights"),
        (lambda: CrossEntropy()(np.arange(4), logits), "one-hot or soft targets"),
        (lambda: CrossEntropy()(np.arange(4)[:, None], logits), "one-hot or soft targets"),
        (lambda: Distillation()(targets, logits), r"Expected targets \(batch, 8\)"),
        (lambda: MeanSquaredError()(np.arange(4), logits), "targets of the outputs' shape"),
        (lambda: Huber()(np.zeros((4, 1)), logits), "targets of the outputs' shape"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
