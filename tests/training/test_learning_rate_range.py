import keras
import numpy as np
import pytest
from keras import ops

from kerashar.training.learning_rate_curve import LearningRateCurve
from kerashar.training.learning_rate_range import learning_rate_test
from tests.support import random_signal


def test_finds_the_rate_at_which_a_linear_regression_diverges():
    # One step takes the error e to (1 - rate h) e with the second derivative h = 2 mean(x^2): the loss rises where
    # rate > 2 / h, and there alone.
    inputs = random_signal(64, 1)
    limit = 1 / np.mean(inputs**2)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    sgd, mse = keras.optimizers.SGD(), keras.losses.MeanSquaredError()
    curve = learning_rate_test(model, inputs, 3 * inputs, sgd, mse, lowest=1e-3, highest=1e3, steps=60)
    assert curve.diverged
    assert len(curve.rates) < 60
    rates, losses = np.array(curve.rates), np.array(curve.losses)
    np.testing.assert_allclose(np.diff(np.log(rates)), np.log(1e6) / 59)  # an exponential ramp
    errors = 3 * np.cumprod([1, *(1 - rates[:-1] * 2 / limit)])
    np.testing.assert_allclose(losses, errors**2 / limit, rtol=1e-2, atol=1e-9)
    np.testing.assert_array_equal(np.diff(losses) > 0, rates[:-1] > limit)
    assert curve.suggestion == pytest.approx(curve.turning_point / 10)
    assert curve.suggestion < limit
    np.testing.assert_array_equal(ops.convert_to_numpy(model.weights[0]), [[0.0]])


def test_a_loss_that_never_falls_has_no_suggestion():
    inputs = random_signal(8, 2)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    curve = learning_rate_test(
        model, inputs, np.zeros((8, 1)), keras.optimizers.SGD(), keras.losses.MeanSquaredError(), steps=3, batch_size=8
    )
    assert curve.suggestion is None
    assert not curve.diverged


@pytest.mark.once
def test_draws_a_picture(tmp_path):
    curve = LearningRateCurve([1e-3, 1e-2, 1e-1, 1.0], [1.0, 0.5, 0.2, 3.0], [1.0, 0.7, 0.4, 1.7], True, 1e-2)
    curve.draw(tmp_path / "curve.svg")
    assert "<svg" in (tmp_path / "curve.svg").read_text()
    curve.draw(tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.once
def test_mistakes():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    inputs, targets, mse = np.zeros((4, 2)), np.zeros((4, 1)), keras.losses.MeanSquaredError()
    for settings, message in (
        ({"lowest": 0.0}, "lowest=0.0"),
        ({"lowest": 1.0, "highest": 0.1}, "highest=0.1"),
        ({"steps": 1}, "steps=1"),
    ):
        with pytest.raises(ValueError, match=message):
            learning_rate_test(model, inputs, targets, keras.optimizers.SGD(), mse, **settings)
    scheduled = keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 10))
    with pytest.raises(ValueError, match="one with a schedule"):
        learning_rate_test(model, inputs, targets, scheduled, mse)
    with pytest.raises(ValueError, match="finite loss at the start"):
        learning_rate_test(model, inputs * np.nan, targets, keras.optimizers.SGD(), mse)
