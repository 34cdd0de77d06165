import keras
import numpy as np
import pytest

from kerashar.models import create_model, model_card
from kerashar.optimizers import (
    create_optimizer,
    exclude_from_decay,
    is_decayed,
    layer_depths,
    list_optimizers,
    with_layer_decay,
)
from kerashar.schedules import create_schedule
from tests.models.small_models import CHECKED, small_model
from tests.optimizers.problem import EAGER, START, make_step, make_variables, values

RATE = 0.01


def by_layer(model):
    """The depths of each of a model's own layers with weights."""
    depths = layer_depths(model)
    return {
        layer.name: {depths[id(variable)] for variable in layer.trainable_variables}
        for layer in model.layers
        if layer.trainable_variables
    }


def run(optimizer, found):
    variables = make_variables()
    optimizer.exclude_from_weight_decay(var_list=[each for each in variables if not is_decayed(each)])
    step = make_step(optimizer, variables)
    for grads in found:
        step(grads)
    averages = values(optimizer._model_variables_moving_average) if optimizer.use_ema else []
    return values(variables), averages


def slowed(optimizer, factors):
    """The optimizer with these factors, by way of a model that has them."""
    inputs = keras.Input((8, 2))
    hidden = keras.layers.Conv1D(4, 3, use_bias=False, name="convolution")(inputs)
    model = keras.Model(inputs, keras.layers.Dense(3, name="hidden")(hidden))
    made = with_layer_decay(optimizer, model, factors[0])
    assert made.get_config()["factors"] == factors
    return type(made).from_config(made.get_config())


@pytest.mark.parametrize("name", list_optimizers() if EAGER else ["adamw"])
def test_is_the_same_optimizer_at_another_rate(name):
    random = np.random.default_rng(0)
    found = [[random.normal(size=each.shape).astype("float32") for each in START.values()] for _ in range(4)]

    def make(factor):
        schedule = create_schedule("linear", RATE * factor, 20)
        return create_optimizer(name, schedule, weight_decay=0.5, clip_norm=1.0, ema_momentum=0.5, accumulate=2)

    weights, averages = run(slowed(make(1.0), [0.25, 1.0, 1.0]), found)
    low_weights, low_averages = run(make(0.25), found)
    full_weights, full_averages = run(make(1.0), found)
    np.testing.assert_allclose(weights[0], low_weights[0], rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(averages[0], low_averages[0], rtol=1e-5, atol=1e-7)
    for index in (1, 2):
        np.testing.assert_allclose(weights[index], full_weights[index], rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(averages[index], full_averages[index], rtol=1e-5, atol=1e-7)
    assert np.abs(low_weights[0] - full_weights[0]).max() > 1e-4, "the factor changes nothing"


def test_keras_own_learning_rate_stays_visible():
    optimizer = slowed(create_optimizer("adamw", 0.5), [0.25, 1.0, 1.0])
    assert float(optimizer.learning_rate) == 0.5
    optimizer.learning_rate = 0.125
    assert float(optimizer.learning_rate) == 0.125


@pytest.mark.once
@pytest.mark.parametrize("name", sorted(CHECKED))
def test_every_model_has_depths(name):
    model = small_model(name)
    layers = by_layer(model)
    assert layers["logits"] == {0}
    assert all(len(depths) == 1 for depths in layers.values())
    found = [depths.pop() for depths in layers.values()]
    assert set(found) == set(range(max(found) + 1)), "a depth without a layer"
    assert found[0] == max(found), "the first layer is not the lowest"
    own = [variable.path for variable in model.trainable_variables if id(variable) not in layer_depths(model)]
    assert not own


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "modern_tcn",
            {"input_projection": 5, "stem": 4, "block_1": 3, "block_2": 2, "block_3": 1, "head_norm": 1, "logits": 0},
        ),
        ("resnet1d", {"stem": 7, "stem_norm": 7, "stage_1_block_1": 6, "stage_3_block_2": 1, "logits": 0}),
        (
            "inception_time",
            {"module_1": 6, "module_3": 4, "shortcut_3": 4, "shortcut_norm_3": 4, "module_6": 1, "shortcut_6": 1},
        ),
        ("patch_modern_tcn", {"stem_norm": 4, "stage_1_block_1": 3, "downsampling_norm_2": 3, "downsampling_2": 2}),
        ("cnn_lstm", {"convolution_1": 4, "convolution_3": 2, "recurrent_1": 1, "logits": 0}),
        ("mini_rocket", {"logits": 0}),
    ],
)
def test_depths_of_known_models(name, expected):
    found = by_layer(create_model(name, model_card(name).input_shape, 6))
    assert {layer: found[layer] for layer in expected} == {layer: {depth} for layer, depth in expected.items()}


@pytest.mark.once
def test_a_model_inside_counts_as_its_layers():
    model = create_model("modern_tcn", (32, 3), 4, hidden=8, blocks=1)
    inputs = keras.Input((32, 3))
    outer = keras.Model(inputs, model(keras.layers.GaussianNoise(0.1)(inputs)))
    assert layer_depths(outer) == layer_depths(model)
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4), keras.layers.Dense(4)])
    hidden = keras.layers.Dense(4)
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(2)(inner(hidden(inputs))))
    depths = layer_depths(model)
    assert [depths[id(variable)] for variable in model.trainable_variables[::2]] == [3, 2, 1, 0]


@pytest.mark.once
def test_frozen_layers_need_no_factor_and_thawing_is_noticed():
    model = create_model("modern_tcn", (32, 3), 4, hidden=8, blocks=1)
    model.get_layer("stem").trainable = False
    optimizer = with_layer_decay(create_optimizer("adamw", 0.1), model, 0.5)
    assert len(optimizer.get_config()["factors"]) == len(model.trainable_variables)
    model.get_layer("stem").trainable = True
    with pytest.raises(ValueError, match="Make a new optimizer after freezing or unfreezing"):
        optimizer.build(model.trainable_variables)


@pytest.mark.once
def test_keeps_exclusions_and_refuses_what_it_cannot_slow():
    model = create_model("modern_tcn", (32, 3), 4, hidden=8, blocks=1)
    optimizer = create_optimizer("adamw", 0.1, weight_decay=0.1)
    assert with_layer_decay(optimizer, model, 1.0) is optimizer
    exclude_from_decay(optimizer, model)
    slowed_down = with_layer_decay(optimizer, model, 0.5)
    spared = [each.path for each in model.trainable_variables if not slowed_down._use_weight_decay(each)]
    assert spared == [each.path for each in model.trainable_variables if not is_decayed(each)]
    for layer_decay in (0.0, -1.0, 1.5):
        with pytest.raises(ValueError, match="above 0 and at most 1"):
            with_layer_decay(optimizer, model, layer_decay)
    optimizer.build(model.trainable_variables)
    with pytest.raises(ValueError, match="Expected a new optimizer"):
        with_layer_decay(optimizer, model, 0.5)

    class WithoutGraph(keras.Model):
        pass

    with pytest.raises(ValueError, match="Expected a Functional model"):
        with_layer_decay(create_optimizer("adamw", 0.1), WithoutGraph(), 0.5)
