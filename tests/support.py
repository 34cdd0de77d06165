"""Checks that every layer and every model passes, on every backend."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.models import (
    create_model,
    list_models,
    load_model,
    model_card,
    model_settings,
    receptive_field,
    save_model,
)
from tests.run_all import BACKENDS, QUICK_XLA

TOLERANCE = 1e-5  # largest difference of float32 logits between backends where no card says otherwise
# Shifts ahead of a product and a batch normalisation, which takes them away again while it learns.
_TAKEN_AWAY = ("start/norm/beta", "project/norm/beta")

_LOAD_ELSEWHERE = """
import sys
from pathlib import Path
import numpy as np
from kerashar import load_model
for file in sorted(Path(sys.argv[1]).glob("*.keras")):
    inputs = np.load(file.with_suffix(".inputs.npy"))
    logits = load_model(file).predict(inputs, verbose=0)
    np.save(file.with_suffix(f".{sys.argv[2]}.npy"), np.asarray(logits))
"""


def random_signal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def check_layer(make: Callable[..., keras.layers.Layer], input_shape: tuple[int, ...], tmp_path: Path) -> None:
    """Config round trip, save and load, symbolic = eager shape, a fit step, mixed precision, gradient to every weight.

    Args:
        make: builds the layer; called with `dtype=` for mixed precision.
        input_shape: shape of one input with its batch axis.
        tmp_path: folder for the saved model.
    """
    keras.utils.set_random_seed(0)
    layer = make()
    inputs = random_signal(*input_shape)

    config = layer.get_config()
    again = type(layer).from_config(json.loads(json.dumps(keras.saving.serialize_keras_object(layer)))["config"])
    assert again.get_config() == config, "the config changes on its way through JSON"

    symbolic = layer(keras.Input(batch_shape=input_shape)).shape
    outputs = layer(inputs)
    assert tuple(symbolic) == tuple(outputs.shape), "the symbolic shape differs from the computed one"
    assert layer.get_config() == config, "building the layer changes its config"
    assert np.isfinite(ops.convert_to_numpy(outputs)).all(), "the outputs are not finite"
    tensor = ops.convert_to_tensor(inputs)
    for outputs_again in (layer(tensor), layer(tensor)):  # torch calls some layers quicker from the second time on
        np.testing.assert_array_equal(
            ops.convert_to_numpy(outputs_again), ops.convert_to_numpy(outputs), "calls alike differ"
        )

    entry = keras.Input(input_shape[1:])
    # A Dense ahead of it, so that the gradient has to pass through the layer.
    model = keras.Model(entry, layer(keras.layers.Dense(input_shape[-1], name="ahead")(entry)))
    scramble(model)
    save_model(model, tmp_path / "layer.keras")
    loaded = load_model(tmp_path / "layer.keras")
    np.testing.assert_array_equal(run(loaded, inputs), run(model, inputs), "save and load change the outputs")

    check_every_weight_learns(model, inputs)

    for policy in ("mixed_bfloat16", "mixed_float16"):
        mixed = make(dtype=policy)(inputs)
        assert keras.backend.standardize_dtype(mixed.dtype) == policy.removeprefix("mixed_")
        assert np.isfinite(ops.convert_to_numpy(ops.cast(mixed, "float32"))).all(), f"not finite under {policy}"


def check_model(name: str, tmp_path: Path, **settings: Any) -> None:
    """Shapes, config, save and load, a fit step that moves every weight, and the backbone."""
    shape = tuple(model_card(name).input_shape)
    model = create_model(name, shape, 5, **settings)
    inputs = random_signal(4, *shape)
    scramble(model)
    logits = run(model, inputs)
    assert logits.shape == (4, 5)
    assert np.isfinite(logits).all()
    assert model.get_layer("logits").output is model.outputs[0]

    config = model.get_config()
    assert json.loads(json.dumps(type(model).from_config(config).get_config())) == json.loads(json.dumps(config))
    save_model(model, tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    assert type(loaded) is type(model)
    np.testing.assert_array_equal(run(loaded, inputs), logits)

    check_every_weight_learns(model, inputs)
    backbone = create_model(name, shape, 0, **settings)
    assert len(backbone.output_shape) == 2


def check_receptive_field(name: str, **settings: Any) -> None:
    """Compare the computed field with the card's, and with the one found by perturbing.

    A NaN at one sample reaches each output that reads this sample, however small its share. What sees the whole
    window is taken out of the way: gates by their settings, and what comes after the convolutions by cutting it off.
    """
    card = model_card(name)
    computed = receptive_field(create_model(name, card.input_shape, 0)).samples
    assert computed == card.receptive_field
    gates = {setting: None for setting in ("squeeze_reduction", "attention_heads") if setting in model_settings(name)}
    time = computed + 40
    model = create_model(name, (time, 2), 0, **gates, **settings)
    trunk = keras.Model(model.input, last_before_pooling(model))
    # The step in the middle, or of a causal model, which looks back only, the last; samples near its field's two ends.
    first = 40 if card.causal else 20
    probed = np.unique(np.clip(np.add.outer((first, first + computed), np.arange(-20, 20)), 0, time - 1))
    signal = np.repeat(random_signal(1, time, 2), len(probed), axis=0)
    signal[np.arange(len(probed)), probed] = np.nan
    outputs = run(trunk, signal)  # (perturbed sample, steps, ...)
    step = outputs[:, -1 if card.causal else outputs.shape[1] // 2]
    reached = probed[np.isnan(step.reshape(len(probed), -1)).any(axis=1)]
    assert reached[-1] - reached[0] + 1 == computed


def last_before_pooling(model: keras.Model) -> Any:
    """The features ahead of the layer that gives the time axis up."""
    for layer in model.layers:
        if layer.name in ("pool", "recurrent_1", "transformer_1"):
            return layer.input
    raise ValueError(f"Expected a layer named pool, recurrent_1 or transformer_1. Received: {model.name}.")


def check_backends_agree(models: dict[str, keras.Model], tmp_path: Path) -> None:
    """Save models under this backend, load them under the others, and compare the logits.

    One process for each other backend loads all models, since starting one takes longer than loading a model.
    """
    expected = {}
    tolerances = {name: model_card(name).tolerance if name in list_models() else TOLERANCE for name in models}
    for name, model in models.items():
        inputs = random_signal(8, *model.input_shape[1:])
        scramble(model, 0.01)
        calm(model, inputs)
        save_model(model, tmp_path / f"{name}.keras")
        np.save(tmp_path / f"{name}.inputs.npy", inputs)
        expected[name] = run(model, inputs)
    for backend in set(BACKENDS) - {keras.backend.backend()}:
        environment = {**os.environ, "KERAS_BACKEND": backend}
        if backend == "jax" and keras.backend.backend() != "torch":  # torch's process has them compiled as users do
            environment["XLA_FLAGS"] = QUICK_XLA
        command = [sys.executable, "-c", _LOAD_ELSEWHERE, str(tmp_path), backend]
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        for name, logits in expected.items():
            elsewhere = np.load(tmp_path / f"{name}.{backend}.npy")
            np.testing.assert_allclose(elsewhere, logits, rtol=0, atol=tolerances[name], err_msg=f"{name} on {backend}")


def calm(model: keras.Model, inputs: np.ndarray) -> None:
    """Bring the logits to the size that a trained model's have: those of an untrained one can be ten times as large,
    and the rounding of float32 with them."""
    largest = np.abs(run(model, inputs)).max()
    logits = model.get_layer("logits")
    logits.set_weights([weight * min(1, 5 / largest) for weight in logits.get_weights()])


def check_every_weight_learns(model: keras.Model, inputs: np.ndarray) -> None:
    before = [ops.convert_to_numpy(weight).copy() for weight in model.trainable_weights]
    targets = random_signal(len(inputs), *model.output_shape[1:], seed=1)
    # A large step: a small gradient must show in a weight of 1, of which float32 keeps seven digits.
    model.compile(keras.optimizers.SGD(10.0), "mse")
    assert np.isfinite(model.train_on_batch(inputs, targets))
    still = [
        weight.path
        for weight, old in zip(model.trainable_weights, before, strict=True)
        if np.array_equal(ops.convert_to_numpy(weight), old) and not weight.path.endswith(_TAKEN_AWAY)
    ]
    assert not still, f"no gradient reaches {still}"


def scramble(model: keras.Model, amount: float = 0.05) -> None:
    """Give every weight a value that a mistake in saving or in an order of axes would show."""
    generator = np.random.default_rng(7)
    for weight in model.weights:
        value = ops.convert_to_numpy(weight)
        weight.assign(value + amount * generator.normal(size=value.shape))


def run(model: keras.Model, inputs: np.ndarray) -> np.ndarray:
    return np.asarray(model.predict(inputs, verbose=0))
