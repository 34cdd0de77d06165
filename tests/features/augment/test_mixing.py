"""Mixup and CutMix, on windows and images."""

import json
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

from kerashar.features.augment.cut_mix import CutMix
from kerashar.features.augment.draws import Draws
from kerashar.features.augment.mixing import Mixing
from kerashar.features.augment.mixup import Mixup
from tests.features.support import numbers

BATCH = 64
LABELS = np.eye(BATCH, dtype="float32")  # each sample is a class of its own, so its label says what it is made of
SHAPES = [(24, 2), (12, 10, 2)]

every_mixing = pytest.mark.parametrize("make", [Mixup, CutMix])
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=["signals", "images"])


def named_samples(shape: tuple[int, ...]) -> np.ndarray:
    """Samples whose values all are their place in the batch."""
    return np.broadcast_to(np.arange(BATCH, dtype="float32").reshape(-1, *(1,) * len(shape)), (BATCH, *shape)).copy()


def mix(layer: Mixing, samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mixed, labels = layer((samples, LABELS), training=True)
    return numbers(mixed), numbers(labels)


@every_shape
@every_mixing
def test_contract(make: Any, shape: tuple[int, ...]) -> None:
    layer = make(alpha=0.7, rate=0.5, seed=1)
    serialized = json.loads(json.dumps(keras.saving.serialize_keras_object(layer)))
    assert keras.saving.deserialize_keras_object(serialized).get_config() == layer.get_config()
    samples = named_samples(shape)
    same, labels = layer((samples, LABELS))
    np.testing.assert_array_equal(numbers(same), samples)
    np.testing.assert_array_equal(numbers(labels), LABELS)
    first, again, second = mix(layer, samples), mix(make(alpha=0.7, rate=0.5, seed=1), samples), mix(layer, samples)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert not np.array_equal(first[0], second[0])
    np.testing.assert_array_equal(mix(make(rate=0.0), samples)[0], samples)


@every_shape
@every_mixing
def test_labels_say_what_samples_are_made_of(make: Any, shape: tuple[int, ...]) -> None:
    mixed, labels = mix(make(alpha=1.0, seed=1), named_samples(shape))
    np.testing.assert_allclose(labels.sum(axis=1), 1, rtol=1e-5)
    # The mean of a sample is the sum of its parts, each times its place in the batch.
    means = mixed.reshape(BATCH, -1).mean(axis=1)
    np.testing.assert_allclose(means, labels @ np.arange(BATCH), atol=1e-3)
    others = labels * (1 - LABELS)
    assert (others > 0).sum(axis=1).max() == 1, "a sample has two partners"
    assert (others > 0).sum(axis=0).max() == 1, "two samples have one partner"
    assert len(np.unique(labels.diagonal())) > 10, "samples of one batch share their draws"


@every_shape
def test_mixup_is_a_weighted_mean(shape: tuple[int, ...]) -> None:
    samples = np.random.default_rng(0).normal(size=(BATCH, *shape)).astype("float32")
    mixed, labels = mix(Mixup(seed=1), samples)
    np.testing.assert_allclose(mixed, np.tensordot(labels, samples, axes=1), atol=1e-5)


@every_shape
def test_cut_mix_replaces_one_box(shape: tuple[int, ...]) -> None:
    samples = named_samples(shape)
    mixed, labels = mix(CutMix(seed=1), samples)
    replaced = (mixed != samples).any(axis=-1)
    np.testing.assert_array_equal((mixed != samples).all(axis=-1), replaced)
    shares = replaced.reshape(BATCH, -1).mean(axis=1)
    own = labels.diagonal() < 1  # a sample may be its own partner, or keep all of itself
    np.testing.assert_allclose((1 - labels.diagonal())[own], shares[own], atol=1e-6)
    for box in replaced[shares > 0]:
        places = np.argwhere(box)
        assert box.sum() == np.prod(np.ptp(places, axis=0) + 1), "what is replaced is not a box"


@every_mixing
def test_rate(make: Any) -> None:
    layer = make(alpha=50.0, rate=0.5, seed=1)  # all weights near a half
    kept = [(mix(layer, named_samples((24, 2)))[1].diagonal() == 1).mean() for _ in range(4)]
    assert np.mean(kept) == pytest.approx(0.5, abs=0.13)


@pytest.mark.parametrize("alpha", [0.01, 0.2, 1.0, 8.0])
def test_weights_are_beta(alpha: float) -> None:
    layer = Mixup(alpha)
    weights = numbers(layer.share(Draws(2000, keras.random.SeedGenerator(1))))
    assert np.isfinite(weights).all()
    assert weights.mean() == pytest.approx(0.5, abs=0.04)
    assert weights.std() == pytest.approx(0.5 / np.sqrt(2 * alpha + 1), rel=0.1)


@every_mixing
def test_dtypes(make: Any) -> None:
    layer = make(dtype="mixed_bfloat16")
    pairs = [layer((named_samples((24, 2)), LABELS), training=training) for training in (False, True)]
    pairs.append(layer((keras.Input((24, 2)), keras.Input((BATCH,)))))
    for samples, labels in pairs:
        assert keras.backend.standardize_dtype(samples.dtype) == "bfloat16"
        assert keras.backend.standardize_dtype(labels.dtype) == "float32", "labels lose precision"


@every_mixing
def test_refusals(make: Any) -> None:
    for alpha in (0.0, -1.0, float("inf")):
        with pytest.raises(ValueError, match=r"Expected alpha to be a number above 0\. Received: alpha="):
            make(alpha=alpha)
    samples = named_samples((24, 2))
    for labels in (np.arange(BATCH), LABELS.astype("int32"), LABELS[:, 0]):
        with pytest.raises(ValueError, match="one-hot"):
            make()((samples, labels), training=True)
    with pytest.raises(ValueError, match="one-hot"):
        make()((keras.Input((24, 2)), keras.Input((), dtype="int32")))
    with pytest.raises(ValueError, match="with known sizes"):
        make()((samples[:, 0], LABELS), training=True)


def test_inside_a_compiled_model() -> None:
    """Samples and labels as the two inputs of a model that learns what it is made of."""
    window, label = keras.Input((24, 2)), keras.Input((BATCH,))
    mixed, labels = Mixup(seed=1)((window, label))
    mixed, labels = CutMix(seed=1)((mixed, labels))
    outputs = keras.layers.Dense(1)(ops.concatenate([keras.layers.Flatten()(mixed), labels], axis=-1))
    model = keras.Model([window, label], outputs)
    model.compile("sgd", "mse")
    history = model.fit([named_samples((24, 2))[:40] / BATCH, LABELS[:40]], np.ones((40, 1)), batch_size=40, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
