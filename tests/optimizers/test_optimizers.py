"""What holds for every optimizer: decay, its exclusions, clipping, averaging, accumulation, saving."""

import json

import keras
import numpy as np
import pytest
from keras import ops

from kerashar.layers.images import Conv2D
from kerashar.models import create_model, model_card
from kerashar.optimizers import (
    SOAP,
    AdamW,
    Muon,
    create_optimizer,
    exclude_from_decay,
    is_decayed,
    list_optimizers,
    with_layer_decay,
)
from kerashar.schedules import create_schedule
from tests.models.small_models import CHECKED, small_model
from tests.optimizers.problem import EAGER, gradients, make_step, make_variables, values
from tests.support import random_signal


def make_network():
    """A convolution, a norm, a hidden layer and a classifier."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((8, 3))
    outputs = keras.layers.Conv1D(4, 3, name="stem")(inputs)
    outputs = keras.layers.LayerNormalization(name="norm")(outputs)
    outputs = keras.layers.GlobalAveragePooling1D()(outputs)
    outputs = keras.layers.Dense(5, activation="relu", name="hidden")(outputs)
    return keras.Model(inputs, keras.layers.Dense(2, name="logits", dtype="float32")(outputs))


WINDOWS = random_signal(16, 8, 3)
CLASSES = np.arange(16) % 2


def compile_network(optimizer_for):
    model = make_network()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer_for(model), loss, jit_compile=keras.backend.backend() == "jax")
    return model


@pytest.mark.parametrize("name", list_optimizers() if EAGER else ["adamw", "adopt", "muon"])
def test_without_gradients_only_decay_is_left(name):
    variables = make_variables()
    kernel, matrix, vector = values(variables)
    optimizer = create_optimizer(name, 0.5, weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_list=[variable for variable in variables if not is_decayed(variable)])
    step = make_step(optimizer, variables)
    for _ in range(2):
        step([np.zeros_like(each) for each in (kernel, matrix, vector)])
    for now, expected in zip(values(variables), (kernel * 0.95**2, matrix * 0.95**2, vector), strict=True):
        np.testing.assert_allclose(now, expected, rtol=1e-6)


@pytest.mark.once
@pytest.mark.parametrize("name", sorted(CHECKED))
def test_kernels_decay_and_nothing_else(name):
    model = small_model(name)
    optimizer = create_optimizer("adamw", 0.1, weight_decay=0.1)
    exclude_from_decay(optimizer, model)
    decayed = {each.path for each in model.trainable_variables if optimizer._use_weight_decay(each)}
    kernels = {
        each.path for each in model.trainable_variables if "kernel" in each.name or each.name == "direction"
    }  # the direction of a weight-normalised convolution is its kernel
    assert decayed == kernels
    others = {each.name for each in model.trainable_variables if each.path not in decayed}
    assert others <= {"bias", "beta", "gamma", "gain", "scale", "positions", "token"}
    assert all(len(each.shape) > 1 for each in model.trainable_variables if each.path in decayed)


@pytest.mark.parametrize(
    ("path", "shape", "decays"),
    [
        ("block/kernel", (3, 4), True),
        ("grouped/bias", (3, 4), False),
        ("norm/gamma", (4,), False),
        ("position_embedding/embeddings", (3, 4), False),
        ("pos_embed", (1, 3, 4), False),
        ("decomposition/kernel", (3, 4), True),
        ("scale_1/kernel", (3, 4), True),
        ("token_embedding/embeddings", (3, 4), True),
    ],
)
def test_is_decayed_by_shape_name_and_path(path, shape, decays):
    *layers, name = path.split("/")
    with keras.name_scope(layers[0] if layers else "model"):
        assert is_decayed(keras.Variable(np.zeros(shape), name=name)) is decays


def test_clips_the_mean_of_what_it_accumulates_and_averages_weights_by_update():
    variables = make_variables()
    optimizer = create_optimizer("sgd", 0.1, clip_norm=1.0, ema_momentum=0.75, accumulate=2)
    step = make_step(optimizer, variables)
    weights = [each.astype("float64") for each in values(variables)]
    averages = weights
    random = np.random.default_rng(0)
    for update in range(3):
        batches = [[random.normal(size=each.shape) for each in weights] for _ in range(2)]
        for batch in batches:
            step([each.astype("float32") for each in batch])
        means = [(first + second) / 2 for first, second in zip(*batches, strict=True)]
        norm = np.sqrt(sum((mean**2).sum() for mean in means))
        assert norm > 1
        before = weights
        weights = [weight - 0.1 * mean / norm for weight, mean in zip(weights, means, strict=True)]
        for now, expected in zip(values(variables), weights, strict=True):
            np.testing.assert_allclose(now, expected, rtol=2e-5, atol=1e-6)
        # An average moves at the batch that updates and at the one after it, by half of its way each.
        half = 0.75**0.5
        if update:
            averages = [half * average + (1 - half) * weight for average, weight in zip(averages, before, strict=True)]
            averages = [half * average + (1 - half) * weight for average, weight in zip(averages, weights, strict=True)]
        else:
            averages = weights
        for average, value in zip(optimizer._model_variables_moving_average, averages, strict=True):
            np.testing.assert_allclose(ops.convert_to_numpy(average), value, rtol=2e-5, atol=1e-6)


def test_a_schedule_counts_batches_also_where_they_are_accumulated():
    variables = make_variables()
    optimizer = create_optimizer("sgd", create_schedule("linear", 0.4, 4), accumulate=2)
    step = make_step(optimizer, variables)
    before = values(variables)
    for _ in range(4):
        step([np.ones_like(each) for each in before])
    for old, new in zip(before, values(variables), strict=True):  # updates at batches 1 and 3 of 0 to 3
        np.testing.assert_allclose(old - new, 0.3 + 0.1, rtol=1e-5)


@pytest.mark.parametrize("name", ["adopt", "muon", "radam", "soap"] if EAGER else ["soap"])
def test_state_saved_and_loaded_goes_on_as_if_never_stopped(name):
    variables = make_variables()
    optimizer = create_optimizer(name, create_schedule("cosine", 0.01, 20, warmup_steps=2), accumulate=2)
    step = make_step(optimizer, variables)
    for number in range(5):
        step(gradients(values(variables), number))
    again = make_variables()
    for variable, value in zip(again, values(variables), strict=True):
        variable.assign(value)
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(optimizer)))
    loaded = keras.saving.deserialize_keras_object(config)
    store = {}
    optimizer.save_own_variables(store)
    loaded_step = make_step(loaded, again)
    loaded.load_own_variables({key: np.array(value) for key, value in store.items()})
    for number in range(5, 9):
        found = gradients(values(variables), number)
        step(found)
        loaded_step(found)
    for one, other in zip(values(variables), values(again), strict=True):
        np.testing.assert_array_equal(one, other)


def test_compiled_model_saved_and_loaded_trains_on_as_if_never_stopped(tmp_path):
    def optimizer_for(model):
        schedule = create_schedule("cosine", 0.01, 20, warmup_steps=2)
        optimizer = create_optimizer("adopt", schedule, weight_decay=0.1, clip_norm=1.0, ema_momentum=0.9)
        exclude_from_decay(optimizer, model)
        return with_layer_decay(optimizer, model, 0.5)

    uninterrupted = compile_network(optimizer_for)
    for _ in range(3):
        uninterrupted.train_on_batch(WINDOWS, CLASSES)
    uninterrupted.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.optimizer.get_config() == uninterrupted.optimizer.get_config()
    exclude_from_decay(loaded.optimizer, loaded)
    for model in (uninterrupted, loaded):
        for _ in range(2):
            model.train_on_batch(WINDOWS, CLASSES)
    for one, other in zip(uninterrupted.optimizer.variables, loaded.optimizer.variables, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(one), ops.convert_to_numpy(other))
    for one, other in zip(uninterrupted.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_keras_scales_the_loss_around_it_in_float16():
    def optimizer_for(model):
        return with_layer_decay(create_optimizer("adopt", 0.01, weight_decay=0.1), model, 0.5)

    previous = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")  # a model takes its own policy, by which compile decides, from here
    try:
        model = compile_network(optimizer_for)
    finally:
        keras.config.set_dtype_policy(previous)
    assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    exclude_from_decay(model.optimizer, model)
    before = model.get_weights()
    for _ in range(3):
        model.train_on_batch(WINDOWS, CLASSES)
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.isfinite(new).all()
        assert not np.array_equal(old, new)
    assert int(model.optimizer.iterations) == 3


@pytest.mark.once
def test_muon_takes_for_matrices_what_multiplies_channels():
    expected = {
        "modern_tcn": [
            "input_projection/kernel",
            "stem/channel_mixer_1/kernel",
            "block_1/squeeze_excite/excite/kernel",
        ],
        "resnet1d": ["stem/kernel", "stage_1_block_1/convolution_1/kernel"],
        "cnn_transformer": ["transformer_1/attention/attention/query/kernel", "transformer_1/widen/kernel"],
    }
    for name, some in expected.items():
        model = create_model(name, model_card(name).input_shape, 6)
        muon = Muon(0.01)
        muon.build(model.trainable_variables)
        matrices = {
            variable.path
            for variable, velocity in zip(model.trainable_variables, muon.adam_velocities, strict=True)
            if velocity is None
        }
        assert set(some) <= matrices
        assert all("kernel" in path for path in matrices)
        assert not {path for path in matrices if path.startswith("logits") or "time_mixer" in path}


@pytest.mark.once
def test_soap_leaves_vectors_and_long_axes_alone():
    with keras.name_scope("layer"):
        variables = [keras.Variable(np.zeros(shape)) for shape in [(9,), (9, 4), (3, 1, 4)]]
    soap = SOAP(0.01, max_precondition_dim=8)
    soap.build(variables)
    sizes = [[None if each is None else each.shape[0] for each in matrices] for matrices in soap._bases]
    assert sizes == [[None], [None, 4], [3, None, 4]]


def test_adamw_knows_how_kernels_lie():
    """A network with kernels that lie filter by filter, and one that was saved in the middle, end where Keras' does."""
    images, labels, ends = np.random.default_rng(0).normal(size=(8, 6, 6, 3)).astype("float32"), np.arange(8) % 2, []
    for made in (AdamW(0.01), keras.optimizers.AdamW(0.01), AdamW(0.01)):
        keras.utils.set_random_seed(0)
        layers = [Conv2D(5, 3), Conv2D(4, 7, use_bias=False), keras.layers.Flatten(), keras.layers.Dense(2)]
        model = keras.Sequential([keras.Input((6, 6, 3)), *layers])
        model.compile(made, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        model.fit(images, labels, batch_size=4, shuffle=False, verbose=0)
        if len(ends) == 2:
            state = {}
            made.save_own_variables(state)
            made.load_own_variables(state)
            model.set_weights([weight.copy() for weight in model.get_weights()])
        model.fit(images, labels, batch_size=4, shuffle=False, verbose=0)
        ends.append(model.get_weights())
    for ours, theirs, saved in zip(*ends, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-6)
        np.testing.assert_array_equal(ours, saved)


@pytest.mark.once
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "adamv"}, "Did you mean"),
        ({"name": "sgd", "momentun": 0.9}, "Received: 'momentun'. Did you mean 'momentum'"),
        ({"name": "sgd", "clipnorm": 1.0}, "Received: 'clipnorm'"),
        ({"learning_rate": 0.0}, "learning_rate=0.0"),
        ({"weight_decay": -1.0}, "weight_decay=-1.0"),
        ({"clip_norm": 0.0}, "clip_norm=0.0"),
        ({"ema_momentum": 1.0}, "ema_momentum=1.0"),
        ({"accumulate": 0}, "accumulate=0"),
        ({"name": "soap", "precondition_frequency": 0}, "precondition_frequency=0"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        create_optimizer(**{"name": "adamw", "learning_rate": 0.1, **arguments})


@pytest.mark.parametrize("amsgrad", [False, True])
def test_adamw_is_that_of_keras(amsgrad):
    settings = {"learning_rate": 0.05, "weight_decay": 0.1, "global_clipnorm": 1.0, "amsgrad": amsgrad}
    ends = []
    for made in (AdamW(**settings), keras.optimizers.AdamW(**settings)):
        variables = make_variables()
        step = make_step(made, variables)
        random = np.random.default_rng(0)
        for size in (1e-6, 1.0, 10.0, 0.01):  # of which only some are clipped
            # As convolutions leave them: transposed, not copied.
            step([random.normal(0, size, each.shape[::-1]).astype("float32").T for each in values(variables)])
        ends.append(values(variables))
    for ours, theirs in zip(*ends, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-6)
    assert keras.optimizers.deserialize(keras.optimizers.serialize(made)).get_config() == made.get_config()
