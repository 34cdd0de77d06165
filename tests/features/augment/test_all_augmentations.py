"""What holds for every augmentation."""

import json

import keras
import numpy as np
import pytest

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.images.channel_shuffle import ChannelShuffle
from kerashar.features.augment.images.flip import Flip
from kerashar.features.augment.images.hue_saturation_value import HueSaturationValue
from kerashar.features.augment.images.image_augment import ImageAugment
from kerashar.features.augment.images.median_blur import MedianBlur
from kerashar.features.augment.signals.signal_augment import SignalAugment
from tests.features.augment.cases import BATCH, IMAGE_CASES, SIGNAL_CASES, Case, changed, images, windows
from tests.features.support import numbers, odd_windows

CASES = [(case, windows()) for case in SIGNAL_CASES] + [(case, images()) for case in IMAGE_CASES]
every_augmentation = pytest.mark.parametrize(("case", "samples"), CASES, ids=[case.name for case, _ in CASES])


@every_augmentation
def test_config_survives_json(case: Case, samples: np.ndarray) -> None:
    layer = case.make(rate=0.25, seed=3, name="augmentation")
    serialized = json.loads(json.dumps(keras.saving.serialize_keras_object(layer)))
    again = keras.saving.deserialize_keras_object(serialized)
    assert type(again) is type(layer)
    config = json.dumps(layer.get_config())  # JSON has no tuples, and lists do as well
    assert json.dumps(again.get_config()) == config
    again.build(samples.shape)
    assert json.dumps(again.get_config()) == config


@every_augmentation
def test_shape_dtype_and_inference(case: Case, samples: np.ndarray) -> None:
    layer = case.make(rate=1.0)
    assert layer(keras.Input(samples.shape[1:])).shape == (None, *samples.shape[1:])
    np.testing.assert_array_equal(numbers(layer(samples)), samples)
    outputs = layer(samples, training=True)
    assert tuple(outputs.shape) == samples.shape
    assert keras.backend.standardize_dtype(outputs.dtype) == "float32"
    mixed = case.make(rate=1.0, dtype="mixed_bfloat16")
    for training in (False, True):
        assert keras.backend.standardize_dtype(mixed(samples, training=training).dtype) == "bfloat16"


@every_augmentation
def test_draws(case: Case, samples: np.ndarray) -> None:
    equal = np.repeat(samples[:1], BATCH, axis=0)
    layer, again, other = (case.make(rate=0.5, seed=seed) for seed in (7, 7, 8))
    first, second = changed(layer, samples), changed(layer, samples)
    np.testing.assert_array_equal(changed(again, samples), first, "the same seed gives other draws")
    assert not np.array_equal(first, second), "the second call draws the same"
    assert not np.array_equal(changed(other, samples), first), "another seed draws the same"
    outcomes = len(np.unique(changed(case.make(rate=1.0, seed=1), equal).reshape(BATCH, -1), axis=0))
    assert outcomes >= case.outcomes, "samples of one batch share their draws"


@every_augmentation
def test_rate(case: Case, samples: np.ndarray) -> None:
    np.testing.assert_array_equal(changed(case.make(rate=0.0), samples), samples)
    layer = case.make(rate=0.5, seed=2)
    different = [(changed(layer, samples) != samples).reshape(BATCH, -1).any(axis=1) for _ in range(4)]
    # 256 draws: four standard errors of a share of a half.
    assert np.mean(different) == pytest.approx(0.5 * (1 - case.idle), abs=0.125)


@every_augmentation
def test_odd_samples_stay_finite(case: Case, samples: np.ndarray) -> None:
    layer = case.make(rate=1.0, seed=1)
    for odd in odd_windows(samples):
        assert np.isfinite(changed(layer, odd)).all()


@pytest.mark.parametrize(
    ("augmentations", "samples"),
    [
        # The policies hold nearly all others; each of those alone is compiled in the same way.
        ([SignalAugment(strength=1.0, triples="consecutive", rate=0.5)], windows()),
        (
            [ImageAugment(strength=1.0, rate=0.5), Flip(), ChannelShuffle(), HueSaturationValue(), MedianBlur()],
            images(),
        ),
    ],
    ids=["signals", "images"],
)
def test_all_in_one_compiled_model(augmentations: list[Augmentation], samples: np.ndarray) -> None:
    head = [keras.layers.Flatten(), keras.layers.Rescaling(1 / 255), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input(samples.shape[1:]), *augmentations, *head])
    model.compile("sgd", "mse")
    before = numbers(model.layers[-1].kernel).copy()
    history = model.fit(samples[:16], np.ones((16, 1)), batch_size=16, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert not np.array_equal(numbers(model.layers[-1].kernel), before)
    assert model.predict(samples[:5], verbose=0).shape == (5, 1)


@pytest.mark.once
@every_augmentation
def test_refuses_rates_and_shapes(case: Case, samples: np.ndarray) -> None:
    for rate in (-0.1, 1.1, float("nan"), "all"):
        with pytest.raises(ValueError, match=r"Expected rate to be from 0 to 1\. Received: rate="):
            case.make(rate=rate)
    with pytest.raises(ValueError, match="with known sizes"):
        case.make().build((None, None, *samples.shape[2:]))
    with pytest.raises(ValueError, match="with known sizes"):
        case.make().build((None, 8))


@pytest.mark.once
def test_base_asks_for_change() -> None:
    with pytest.raises(TypeError, match="Expected Augmentation to define change"):
        Augmentation()(windows(), training=True)
