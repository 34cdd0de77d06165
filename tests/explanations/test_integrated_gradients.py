import keras
import numpy as np
import pytest

from kerashar.explanations import integrated_gradients
from kerashar.features import FeatureStack, Jerk
from kerashar.layers import RegressionHead
from kerashar.models import Ensemble, FeatureModel, HeadedModel, create_model
from tests.explanations.planted import MODELS, found, localisation, trained
from tests.support import random_signal, run, scramble


def over_colours(model, images):
    return integrated_gradients(model, images).sum(axis=-1)


def gained(model, samples, start):
    """What the logit of the predicted class gains, exactly."""
    logits, classes = run(model, samples), run(model, samples).argmax(axis=1)
    return (logits - run(model, start + np.zeros_like(samples)))[np.arange(len(samples)), classes]


# === The formula ===


@pytest.mark.parametrize("shape", [(12, 2), (4, 6, 3)])
def test_a_linear_model_has_its_weights_times_the_way_from_the_baseline(shape):
    inputs = keras.Input(shape)
    model = keras.Model(inputs, keras.layers.Dense(3, name="logits")(keras.layers.Flatten()(inputs)))
    scramble(model)
    samples = random_signal(3, *shape)
    kernel = model.get_layer("logits").get_weights()[0].reshape(*shape, 3)
    means = samples.mean(axis=tuple(range(1, len(shape))), keepdims=True)
    for class_index in range(3):
        maps = integrated_gradients(model, samples, class_index, steps=2, batch_size=4)
        assert maps.dtype == np.float32
        np.testing.assert_allclose(maps, (samples - means) * kernel[..., class_index], atol=1e-5)
    predicted = run(model, samples).argmax(axis=1)
    other = random_signal(*shape, seed=1)
    expected = (samples - other) * np.moveaxis(kernel, -1, 0)[predicted]
    np.testing.assert_allclose(integrated_gradients(model, samples, baseline=other, steps=1), expected, atol=1e-5)


def test_a_square_is_exact():
    inputs = keras.Input((4, 1))
    model = keras.Model(inputs, keras.layers.GlobalAveragePooling1D()(inputs**2))
    samples = random_signal(2, 4, 1)
    np.testing.assert_allclose(integrated_gradients(model, samples, baseline=0.0, steps=3), samples**2 / 4, atol=1e-6)


@pytest.mark.parametrize("name", ["resnet1d", pytest.param("cnn_transformer", marks=pytest.mark.once)])
def test_maps_add_up_to_what_the_logit_gains(name):
    model = trained(name)
    windows = found(model, MODELS[name][0])[0][:8]
    gain = gained(model, windows, windows.mean(axis=1, keepdims=True))
    assert np.median(gain) > 2
    missing = np.abs(integrated_gradients(model, windows).sum(axis=(1, 2)) - gain)
    assert missing.max() < 0.02 * np.abs(gain).max()
    coarse = np.abs(integrated_gradients(model, windows, steps=4).sum(axis=(1, 2)) - gain)
    assert missing.mean() < coarse.mean() / 3


# === Where it looks ===


def test_maps_lie_on_what_was_planted():
    scores = localisation(integrated_gradients, "resnet1d")
    assert scores["chance"] == 0.125
    assert min(scores["share"], scores["stretch"], scores["channel"]) > 0.75
    assert scores["peaks"] > 0.9


@pytest.mark.once
@pytest.mark.parametrize("name", ["plain_cnn", "vit_tiny"])
def test_maps_of_images_lie_on_what_was_planted(name):
    scores = localisation(over_colours, name)
    assert scores["share"] > 0.5
    assert scores["peaks"] > 0.8


# === Which models ===


@pytest.mark.once
def test_features_and_heads():
    behind = FeatureModel((48, 3), 4, FeatureStack([Jerk(50.0)]), model_settings={"hidden": 8, "blocks": 1})
    windows = random_signal(2, 48, 3)
    assert integrated_gradients(behind, windows, steps=4, batch_size=8).any()
    headed = HeadedModel((48, 3), RegressionHead(40.0, 200.0), model_settings={"hidden": 8, "blocks": 1})
    maps = integrated_gradients(headed, windows, steps=64)
    gain = gained(headed, windows, windows.mean(axis=1, keepdims=True))
    np.testing.assert_allclose(maps.sum(axis=(1, 2)), gain, atol=0.02 * np.abs(gain).max() + 1e-3)


@pytest.mark.once
def test_refuses_what_does_not_fit():
    model, windows = create_model("tcn", (16, 2), 3, hidden=4, levels=1), random_signal(2, 16, 2)
    with pytest.raises(ValueError, match="baseline as a sample"):
        integrated_gradients(model, windows, baseline=np.zeros(3))
    with pytest.raises(ValueError, match="steps=0"):
        integrated_gradients(model, windows, steps=0)
    with pytest.raises(ValueError, match=r"from 0 to 2\. Received: class_index=-1"):
        integrated_gradients(model, windows, -1)
    with pytest.raises(ValueError, match="an ensemble"):
        integrated_gradients(Ensemble([model, model]), windows)
    rocket = create_model("mini_rocket", (16, 2), 3, num_features=84)
    with pytest.raises(ValueError, match="trained by gradients"):
        integrated_gradients(rocket, windows)
