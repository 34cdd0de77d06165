"""Each check passes where all is well, and is seen to fail where something is broken on purpose."""

import random
from dataclasses import replace
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from keras import ops

from kerashar.data import SubjectSplit
from kerashar.losses import create_loss
from kerashar.models import create_model
from kerashar.training import Recipe
from kerashar.training.checks import (
    CHECKS,
    CheckedRun,
    by_heart,
    causality,
    class_balance,
    initial_loss,
    input_baseline,
    leak_guard,
    learning_rate_range,
    quick_checks,
    receptive_field_fits,
    run_checks,
    sample_independence,
    sentence,
    weights_move,
)
from tests.synthetic import make_split, make_windows

SPLIT = make_split(windows_each=160)
SIDES = SimpleNamespace(train=SPLIT.train, validation=SPLIT.validation)  # no check may touch a test side
RECIPE = Recipe(model="causal_modern_tcn", batch_size=12, learning_rate=1e-2)


class Mixing(keras.layers.Layer):
    """Adds the mean of the batch."""

    def call(self, inputs):
        return inputs + ops.mean(inputs, axis=0, keepdims=True)


class MixingInTraining(Mixing):
    def call(self, inputs, training=None):
        return super().call(inputs) if training else inputs


class Cut(keras.layers.Layer):
    """Lets no gradient through."""

    def call(self, inputs):
        return ops.stop_gradient(inputs)


class PeekAhead(keras.layers.Layer):
    """Gives the next sample."""

    def call(self, inputs):
        return ops.roll(inputs, -1, axis=1)


def small(*layers, end=()):
    steps = [
        keras.Input((32, 2)),
        keras.layers.ZeroPadding1D((4, 0)),
        keras.layers.Conv1D(8, 5, activation="relu"),
        *layers,
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Dense(3, name="logits"),
        *end,
    ]
    keras.utils.set_random_seed(0)
    inputs = outputs = steps[0]
    for layer in steps[1:]:
        outputs = layer(outputs)
    return keras.Model(inputs, outputs)


def on(check, network=None, split=SIDES, **changes):
    return check(CheckedRun(small() if network is None else network, split, replace(RECIPE, **changes)))


def assert_fails(result, *words):
    assert result.passed is False
    assert result.advice
    for word in words:
        assert word in result.seen


@pytest.fixture(scope="module")
def good():
    model = small(keras.layers.ZeroPadding1D((23, 0)), keras.layers.Conv1D(8, 24, activation="relu"))
    model.compile("adam", "mse")
    model.train_on_batch(
        SPLIT.train.windows[:4], np.eye(3)[SPLIT.train.labels[:4]]
    )  # so that its optimizer has a state
    return model


@pytest.fixture(scope="module")
def checked(good):
    """The results on a model that is fine, the run, and what was there before and after."""
    before = _state(good)
    run = CheckedRun(good, SIDES, RECIPE)
    return {check.__name__: check(run) for check in CHECKS}, run, before, _state(good)


def _state(model):
    variables = [*model.variables, *model.optimizer.variables]
    return [ops.convert_to_numpy(variable).copy() for variable in variables]


def _draws():
    dropped = keras.random.dropout(ops.ones((8,)), 0.5)
    return [random.random(), np.random.rand(), *ops.convert_to_numpy(dropped).tolist()]


def test_a_model_that_is_fine_passes(checked):
    results = checked[0]
    assert list(results) == [check.__name__ for check in CHECKS] == [result.name for result in results.values()]
    assert {name: result.passed for name, result in results.items()} == dict.fromkeys(results, True)
    assert all(
        result.seen.endswith(".") and sentence(check) for result, check in zip(results.values(), CHECKS, strict=True)
    )


def test_the_checks_leave_the_model_and_its_optimizer_alone(checked):
    _, _, before, after = checked
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(new, old)


def test_the_checks_draw_from_no_state_of_others():
    model = small(keras.layers.Dropout(0.5))
    keras.utils.set_random_seed(5)
    expected = _draws()
    keras.utils.set_random_seed(5)
    run = CheckedRun(model, SIDES, RECIPE)
    for check in (initial_loss, sample_independence, weights_move):
        check(run)
    assert _draws() == expected


def test_quick_checks_are_the_first_ones(good, checked):
    assert quick_checks(good, SIDES, RECIPE) == list(checked[0].values())[:4]


def test_leak_guard():
    assert on(leak_guard, split=SPLIT).passed
    assert_fails(on(leak_guard, split=SimpleNamespace(train=SPLIT.train, validation=SPLIT.train)), "3 subjects", "'s2'")
    leaky = SubjectSplit(SPLIT.train, SPLIT.train, SPLIT.test, allow_leakage="a test of the check")
    assert_fails(on(leak_guard, split=leaky), "shared subject", "a test of the check")


@pytest.mark.once
def test_class_balance():
    train = SPLIT.train
    missing = SimpleNamespace(train=train.select(train.labels != 2), validation=SPLIT.validation)
    assert_fails(on(class_balance, split=missing), "0 are fast")
    unmeasured = SimpleNamespace(train=train, validation=SPLIT.validation.select(SPLIT.validation.labels != 1))
    assert "No validation window is slow" in on(class_balance, split=unmeasured).advice
    few = np.concatenate([np.flatnonzero(train.labels != 2), np.flatnonzero(train.labels == 2)[:5]])
    rare = SimpleNamespace(train=train.select(few), validation=SPLIT.validation)
    result = on(class_balance, split=rare)
    assert result.passed
    assert result.verdict == "advice"
    assert "5 are fast and 160 are" in result.seen
    assert not on(class_balance, split=rare, class_weights="balanced").advice


@pytest.mark.once
def test_receptive_field_is_advice():
    result = on(receptive_field_fits)
    assert (result.passed, result.verdict) == (True, "advice")
    assert "5 samples, 0.16 of the window's 32 (1.00 s)" in result.seen
    assert "deeper" in result.advice
    whole = on(receptive_field_fits, small(keras.layers.Conv1D(8, 24, padding="same")))
    assert whole.verdict == "passed"
    assert "shallower" in on(receptive_field_fits, small(keras.layers.Conv1D(8, 40, padding="same"))).advice
    flat = keras.Sequential([keras.Input((32, 2)), keras.layers.Flatten(), keras.layers.Dense(3)])
    assert on(receptive_field_fits, flat).passed is None


@pytest.mark.parametrize(
    ("loss", "changes"),
    [("cross_entropy", {"label_smoothing": 0.2}), ("focal", {"class_weights": "balanced"}), ("ordinal", {})],
)
def test_initial_loss(loss, changes):
    result = on(initial_loss, loss=loss, **changes)
    targets, zeros = np.eye(3, dtype="float32"), np.zeros((3, 3), "float32")
    expected = float(ops.convert_to_numpy(create_loss(loss)(targets, zeros)))  # classes of equal size have weight 1
    assert result.passed
    assert f"that of equal logits, {expected:.3f}" in result.seen
    assert loss != "cross_entropy" or expected == pytest.approx(np.log(3))
    assert_fails(on(initial_loss, small(end=[keras.layers.Rescaling(100.0)]), loss=loss, **changes))


@pytest.mark.once
def test_initial_loss_of_a_loss_that_needs_a_teacher():
    assert on(initial_loss, loss="distillation").passed is None
    assert CheckedRun(small(), SIDES, replace(RECIPE, loss="distillation")).learning_rate_curve.losses


def test_initial_loss_is_that_of_training_mode():
    # In inference a batch normalisation that has seen nothing leaves the hundredfold signal as it is.
    model = small(keras.layers.Rescaling(100.0), keras.layers.BatchNormalization())
    before = [ops.convert_to_numpy(weight) for weight in model.weights]
    assert on(initial_loss, model).passed
    for old, weight in zip(before, model.weights, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(weight), old)


def test_sample_independence():
    assert_fails(on(sample_independence, small(Mixing())), "In inference mode")
    assert_fails(on(sample_independence, small(MixingInTraining())), "In training mode")
    assert_fails(on(sample_independence, small(Cut())), "0 at its own samples")
    normalized = on(sample_independence, small(keras.layers.BatchNormalization()))
    assert normalized.passed
    assert "In inference mode" in normalized.seen
    assert "mixes windows by design" in normalized.seen


def test_causality():
    assert on(causality).passed
    assert_fails(on(causality, small(PeekAhead())))
    assert_fails(on(causality, small(keras.layers.Conv1D(8, 3, padding="same"))), "at the 16 later ones")
    assert on(causality, model="modern_tcn").passed is None


@pytest.mark.filterwarnings("ignore:Gradients do not exist")
def test_weights_move():
    result = on(weights_move, small(Cut()))
    assert_fails(result, "2 of 4 weights moved", "conv1d", "kernel")
    frozen = small(Cut())
    frozen.layers[2].trainable = False
    assert on(weights_move, frozen).passed


@pytest.mark.once
def test_weights_of_a_registered_model_move():
    model = create_model("modern_tcn", (32, 2), 3, hidden=4, blocks=1, squeeze_reduction=None)
    result = on(weights_move, model)
    assert result.passed
    assert f"{len(model.trainable_weights)} of {len(model.trainable_weights)} weights" in result.seen


def test_by_heart():
    assert_fails(on(by_heart, small(keras.layers.Rescaling(0.0))), "in 200 steps")


def test_input_baseline():
    labels = np.random.default_rng(0).permutation(SPLIT.train.labels)
    shuffled = SimpleNamespace(train=replace(SPLIT.train, labels=labels), validation=SPLIT.validation)
    assert_fails(on(input_baseline, split=shuffled), "After 40 steps")
    few = SimpleNamespace(train=SPLIT.train.select(slice(100)), validation=SPLIT.validation)
    assert on(input_baseline, split=few).passed is None


def test_learning_rate_range(checked):
    run = checked[1]
    curve = run.learning_rate_curve
    assert curve.suggestion == pytest.approx(curve.turning_point / 10)
    for rate, passed in ((curve.turning_point * 1.5, False), (curve.suggestion, True), (curve.suggestion / 99, True)):
        run.recipe = replace(RECIPE, learning_rate=rate)
        result = learning_rate_range(run)
        assert result.passed is passed
        assert ("Try learning_rate=" in result.advice) == (rate != curve.suggestion)
    run.recipe = RECIPE


def test_a_model_fitted_in_closed_form():
    model = create_model("hydra", (32, 2), 3, kernels=2, groups=2)
    results = run_checks(model, SIDES, replace(RECIPE, model="hydra"))
    assert {result.name for result in results if result.passed} == {
        "leak_guard",
        "class_balance",
        "receptive_field_fits",
    }
    assert {result.name for result in results if result.passed is False} == set()
    assert results[-1].seen == "The model is fitted in closed form, not by gradients."


def test_windows_of_every_class_come_first():
    run = CheckedRun(small(), SIDES, replace(RECIPE, batch_size=4))
    windows, targets = run.batch
    assert windows.shape == (4, 32, 2)
    assert (targets[:3].sum(axis=0) == 1).all()
    uneven = make_windows(subjects=1, windows_each=9).select(np.array([0, 3, 6, 1]))
    _, targets = CheckedRun(small(), SimpleNamespace(train=uneven, validation=uneven), RECIPE).batch
    assert targets.sum(axis=0).tolist() == [3, 1, 0]
