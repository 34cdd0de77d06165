import keras
import numpy as np
import pytest
from keras import ops

from kerashar.explanations import grad_cam
from kerashar.features import FeatureStack, Jerk, SignalStatistics
from kerashar.layers import RegressionHead
from kerashar.models import Ensemble, FeatureModel, HeadedModel, create_model, list_models, model_card
from tests.explanations.planted import localisation
from tests.models.test_all_models import CHECKED, SMALL
from tests.support import random_signal, scramble

MAPPED = sorted(CHECKED - {"hydra", "mini_rocket"})
ON_EACH = ("cnn_transformer", "convnext_atto", "modern_tcn", "vit_tiny")  # which layer is read depends on no backend


def small(name: str, classes: int = 5) -> keras.Model:
    return create_model(name, model_card(name).input_shape, classes, **SMALL.get(name, {}))


# === The formula ===


def pooled_convolution(shape: tuple[int, ...], kind: type, pool: type) -> keras.Model:
    inputs = keras.Input(shape)
    features = kind(4, 3, padding="same", name="convolution")(inputs)
    return keras.Model(inputs, keras.layers.Dense(3, name="logits")(pool(name="pool")(features)))


@pytest.mark.parametrize(
    ("shape", "kind", "pool"),
    [
        ((20, 2), keras.layers.Conv1D, keras.layers.GlobalAveragePooling1D),
        ((8, 12, 3), keras.layers.Conv2D, keras.layers.GlobalAveragePooling2D),
    ],
)
def test_after_average_pooling_the_weights_are_those_of_the_class(shape, kind, pool):
    model = pooled_convolution(shape, kind, pool)
    scramble(model)
    samples = random_signal(3, *shape)
    features = ops.convert_to_numpy(model.get_layer("convolution")(samples))
    kernel = ops.convert_to_numpy(model.get_layer("logits").kernel)
    axes = tuple(range(1, len(shape)))

    for class_index in range(3):
        expected = np.maximum(features @ kernel[:, class_index], 0)
        expected /= expected.max(axis=axes, keepdims=True)
        maps = grad_cam(model, samples, class_index)
        assert maps.dtype == np.float32
        np.testing.assert_allclose(maps, expected, atol=1e-5)

    predicted = ops.convert_to_numpy(model(samples)).argmax(axis=1)
    chosen = [grad_cam(model, samples, int(label))[index] for index, label in enumerate(predicted)]
    np.testing.assert_allclose(grad_cam(model, samples, batch_size=2), chosen, atol=1e-6)


def test_a_class_that_nothing_speaks_for_has_a_map_of_zeros():
    model = pooled_convolution((20, 2), keras.layers.Conv1D, keras.layers.GlobalAveragePooling1D)
    convolution, logits = model.get_layer("convolution"), model.get_layer("logits")
    convolution.set_weights([np.zeros_like(convolution.get_weights()[0]), np.ones(4, "float32")])
    logits.set_weights([-np.ones((4, 3), "float32"), np.zeros(3, "float32")])
    np.testing.assert_array_equal(grad_cam(model, random_signal(2, 20, 2), 1), np.zeros((2, 20)))


def test_maps_grow_linearly_to_the_size_of_the_input():
    inputs = keras.Input((8, 1))
    halved = keras.layers.AveragePooling1D(4, name="halved")(inputs)
    outputs = keras.layers.Dense(1, kernel_initializer="ones")(keras.layers.GlobalAveragePooling1D()(halved))
    samples = np.repeat([0.0, 1.0], 4).reshape(1, 8, 1)
    # The two values lie in the middle of four samples each, 1.5 and 5.5.
    expected = np.clip((np.arange(8) - 1.5) / 4, 0, 1)
    maps = grad_cam(keras.Model(inputs, outputs), samples)
    np.testing.assert_allclose(maps, expected[None] / expected.max(), atol=1e-6)


def test_a_layer_with_a_way_round_it_and_one_inside_another_model():
    inputs = keras.Input((20, 2))
    first = keras.layers.Conv1D(2, 3, padding="same", name="first")(inputs)
    joined = keras.layers.Add()([inputs, first])
    trunk = keras.Model(inputs, keras.layers.GlobalAveragePooling1D()(joined), name="trunk")
    window = keras.Input((20, 2))
    model = keras.Model(window, keras.layers.Dense(3, name="logits")(trunk(window)))
    scramble(model)
    samples = random_signal(2, 20, 2)
    features = ops.convert_to_numpy(trunk.get_layer("first")(samples))
    kernel = ops.convert_to_numpy(model.get_layer("logits").kernel)

    expected = np.maximum(features @ kernel[:, 1], 0)
    maps = grad_cam(model, samples, 1, layer="first")
    np.testing.assert_allclose(maps, expected / expected.max(axis=1, keepdims=True), atol=1e-5)
    before = ops.convert_to_numpy(model(samples))
    expected = np.maximum((features + samples) @ kernel[:, 1], 0)
    maps = grad_cam(model, samples, 1)
    np.testing.assert_allclose(maps, expected / expected.max(axis=1, keepdims=True), atol=1e-5)
    np.testing.assert_array_equal(ops.convert_to_numpy(model(samples)), before)


# === Where it looks ===


@pytest.mark.parametrize(
    ("name", "share", "peaks"),
    [
        ("resnet1d", 0.7, 0.9),
        pytest.param("plain_cnn", 0.18, 0.6, marks=pytest.mark.once),
        pytest.param("vit_tiny", 0.25, 0.35, marks=pytest.mark.once),
    ],
)
def test_maps_lie_on_what_was_planted(name, share, peaks):
    scores = localisation(grad_cam, name)
    assert scores["chance"] <= 0.25
    assert scores["share"] > share
    assert scores["peaks"] > peaks


# === Every model ===


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in ON_EACH else pytest.mark.once) for name in MAPPED]
)
def test_every_model_that_is_trained_by_gradients_has_maps(name):
    model = small(name)
    samples = random_signal(2, *model.input_shape[1:])
    every = (grad_cam(model, samples, class_index) for class_index in range(5))
    maps = next(maps for maps in every if maps.any())  # not each class has something that speaks for it
    assert maps.shape == samples.shape[:-1]
    assert maps.dtype == np.float32
    assert maps.min() >= 0
    assert set(maps.max(axis=tuple(range(1, maps.ndim)))) <= {0, 1}


@pytest.mark.parametrize("name", ["cnn_transformer", "vit_tiny"])
def test_repeated_calls_agree_and_leave_the_model_as_it_was(name):
    model = small(name)
    samples = random_signal(2, *model.input_shape[1:])
    before = [ops.convert_to_numpy(weight) for weight in model.weights]
    np.testing.assert_array_equal(grad_cam(model, samples), grad_cam(model, samples))
    for weight, value in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(weight), value)
    assert not any("call" in vars(layer) for layer in model.layers)


@pytest.mark.parametrize("mode", ["channels", "branch", "vector"])
def test_features_ahead_of_a_model(mode):
    stack = FeatureStack([SignalStatistics(("mean",)) if mode == "vector" else Jerk(50.0)], mode)
    model = FeatureModel((48, 3), 4, stack, model_settings={"hidden": 8, "blocks": 1})
    maps = grad_cam(model, random_signal(2, 48, 3), 2)
    assert maps.shape == (2, 48)
    assert maps.max() == 1


def test_a_head_of_ones_own():
    model = HeadedModel((48, 3), RegressionHead(40.0, 200.0), model_settings={"hidden": 8, "blocks": 1})
    assert grad_cam(model, random_signal(2, 48, 3)).shape == (2, 48)


# === What it refuses ===


@pytest.mark.once
def test_refuses_models_without_places():
    for name in ("hydra", "mini_rocket"):
        with pytest.raises(ValueError, match=f"trained by gradients; .* Received: '{name}'"):
            grad_cam(small(name), random_signal(1, 128, 9))
    flat = keras.Sequential([keras.Input((6, 2)), keras.layers.Flatten(), keras.layers.Dense(3)], name="flat")
    with pytest.raises(ValueError, match=r"keeps the time axis of its input\. Received: 'flat'"):
        grad_cam(flat, random_signal(1, 6, 2))
    table = keras.Sequential([keras.Input((6,)), keras.layers.Dense(3)], name="table")
    with pytest.raises(ValueError, match=r"windows or images alone\. Received: 'table'"):
        grad_cam(table, random_signal(1, 6))
    dense = keras.Sequential([keras.Input((6, 2)), keras.layers.Conv1D(3, 1)])
    with pytest.raises(ValueError, match=r"gives \(batch, classes\)"):
        grad_cam(dense, random_signal(1, 6, 2))
    member = create_model("tcn", (16, 2), 3, hidden=4, levels=1)
    with pytest.raises(ValueError, match="an ensemble"):
        grad_cam(Ensemble([member, member]), random_signal(1, 16, 2))


@pytest.mark.once
def test_refuses_samples_classes_and_layers():
    model = create_model("tcn", (16, 2), 3, hidden=4, levels=1)
    samples = random_signal(2, 16, 2)
    for class_index in (-1, 3):
        with pytest.raises(ValueError, match=f"from 0 to 2. Received: class_index={class_index}"):
            grad_cam(model, samples, class_index)
    for wrong in (samples[0], samples[:, :8], samples[..., :1], samples[:0]):
        with pytest.raises(ValueError, match=r"Expected samples \(n, 16, 2\), at least one"):
            grad_cam(model, wrong)
    samples[1, 3, 0] = np.nan
    with pytest.raises(ValueError, match="finite samples"):
        grad_cam(model, samples)
    with pytest.raises(ValueError, match=r"known layer\. Received: 'level_9'\. Did you mean 'level_1'"):
        grad_cam(model, samples[:1], layer="level_9")
    with pytest.raises(ValueError, match=r"keeps the input's places. Received: 'pool', output=\(None, 4\)"):
        grad_cam(model, samples[:1], layer="pool")
    with pytest.raises(ValueError, match="batch_size=0"):
        grad_cam(model, samples[:1], batch_size=0)


@pytest.mark.once
def test_every_registered_model_is_looked_at():
    assert {name for name in list_models() if name.startswith(("hydra", "mini_rocket"))} == CHECKED - set(MAPPED)
