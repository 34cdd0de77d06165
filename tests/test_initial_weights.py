"""Weights that NumPy draws for Keras' initializers."""

import keras
import numpy as np
import pytest
from keras import ops

from kerashar.initial_weights import drawn_by_numpy
from kerashar.models import create_model

INITIALIZERS = [
    ("RandomNormal", {"mean": 1.0, "stddev": 0.5}),
    ("TruncatedNormal", {"stddev": 0.02}),
    ("RandomUniform", {"minval": -3.0, "maxval": 1.0}),
    ("GlorotUniform", {}),
    ("HeNormal", {}),
    ("Orthogonal", {}),
]


def drawn(name: str, settings: dict[str, float], shape: tuple[int, ...] = (3, 100, 120), seed: int = 7) -> np.ndarray:
    initializer = getattr(keras.initializers, name)(**settings, seed=seed)
    return ops.convert_to_numpy(initializer(shape))


@pytest.mark.parametrize(("name", "settings"), INITIALIZERS, ids=[name for name, _ in INITIALIZERS])
def test_draws_are_distributed_as_the_backends(name, settings):
    with drawn_by_numpy():
        ours = drawn(name, settings)
        np.testing.assert_array_equal(drawn(name, settings), ours)
        assert not np.array_equal(drawn(name, settings, seed=8), ours)
    theirs = drawn(name, settings)
    assert not np.array_equal(theirs, ours), "the backend draws again"
    spread = float(theirs.std())
    assert ours.dtype == theirs.dtype == "float32"
    assert ours.mean() == pytest.approx(theirs.mean(), abs=0.03 * spread)
    assert ours.std() == pytest.approx(spread, rel=0.02)
    if name == "Orthogonal":
        flat = ours.reshape(-1, ours.shape[-1])
        np.testing.assert_allclose(flat.T @ flat, np.eye(flat.shape[1]), atol=1e-5)
    elif name != "RandomNormal":  # which has no bounds
        assert ours.max() == pytest.approx(theirs.max(), abs=0.02 * spread)
        assert ours.min() == pytest.approx(theirs.min(), abs=0.02 * spread)


def test_shapes_and_generators_draw_apart():
    with drawn_by_numpy():
        whole, part = drawn("RandomNormal", {}, (4, 8)), drawn("RandomNormal", {}, (4,))
        assert not np.isin(part, whole).any()
        generator = keras.random.SeedGenerator(1)
        initializer = keras.initializers.RandomNormal(seed=generator)
        assert not np.array_equal(ops.convert_to_numpy(initializer((4,))), ops.convert_to_numpy(initializer((4,))))
        negative = keras.initializers.RandomNormal(seed=-1)((4,), dtype="bfloat16")
    assert keras.backend.standardize_dtype(negative.dtype) == "bfloat16"


def test_a_seed_gives_the_same_weights_on_each_backend():
    keras.utils.set_random_seed(3)
    kernel = create_model("tcn", (32, 3), 4).get_layer("logits").kernel
    np.testing.assert_allclose(ops.convert_to_numpy(kernel)[0, :3], [-0.27796, 0.17417, -0.2097], atol=1e-5)
