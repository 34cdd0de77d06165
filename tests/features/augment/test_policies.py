"""The two policies."""

from functools import partial
from typing import Any

import numpy as np
import pytest

from kerashar.features.augment.choosing import choose
from kerashar.features.augment.draws import Draws
from kerashar.features.augment.images.image_augment import STRONGEST as STRONGEST_IMAGES
from kerashar.features.augment.images.image_augment import ImageAugment
from kerashar.features.augment.policy import Policy
from kerashar.features.augment.signals.signal_augment import STRONGEST, SignalAugment
from tests.features.augment.cases import changed, images, windows

every_policy = pytest.mark.parametrize(
    ("make", "samples"), [(SignalAugment, windows()), (ImageAugment, images())], ids=["signals", "images"]
)


@every_policy
def test_strength_zero_is_identity(make: Any, samples: np.ndarray) -> None:
    np.testing.assert_array_equal(changed(make(strength=0.0), samples), samples)


@every_policy
def test_change_grows_with_strength(make: Any, samples: np.ndarray) -> None:
    distance = [np.abs(changed(make(strength=s, seed=1), samples) - samples).mean() for s in (0.05, 0.3, 1.0)]
    assert distance == sorted(distance)
    assert distance[0] < 0.5 * distance[2]


@every_policy
def test_each_sample_gets_its_operations(make: Any, samples: np.ndarray) -> None:
    """Operations that add powers of two tell in the sum which of them a sample got."""
    layer = make(operations=3, seed=1)
    layer.build(samples.shape)
    count = len(layer._candidates)
    for power, candidate in enumerate(layer._candidates):
        candidate.change_chosen = partial(_add, 2.0**power)
    sums = np.concatenate([changed(layer, 0 * samples).reshape(len(samples), -1)[:, 0] for _ in range(8)])
    drawn = sums.astype(int)[:, None] >> np.arange(count) & 1
    np.testing.assert_array_equal(drawn.sum(axis=1), 3)
    np.testing.assert_allclose(drawn.mean(axis=0), 3 / count, atol=0.08)


def _add(summand: float, values: Any, chosen: Any, draws: Draws) -> Any:
    return choose(chosen, values + summand, values)


@pytest.mark.once
def test_operations_follow_the_channels() -> None:
    def names(layer: Policy, shape: tuple[int | None, ...]) -> set[str]:
        layer.build(shape)
        return {type(candidate).__name__ for candidate in layer._candidates}

    assert "Rotation3D" not in names(SignalAugment(), (None, 24, 6))
    assert len(names(SignalAugment(triples="consecutive"), (None, 24, 6))) == len(STRONGEST)
    assert "ColorJitter" not in names(ImageAugment(), (None, 12, 12, 1))
    assert len(names(ImageAugment(), (None, 12, 12, 3))) == len(STRONGEST_IMAGES) - 1  # saturation and hue are one


@pytest.mark.once
def test_noise_has_the_channels_units() -> None:
    layer = SignalAugment(strength=1.0, channel_deviation=(1.0, 100.0))
    layer.build((None, 24, 2))
    jitter = layer._candidates[-1]
    assert jitter.get_config()["deviation"] == pytest.approx((0.1, 10.0))


@pytest.mark.once
def test_values_stay_in_their_range() -> None:
    outputs = changed(ImageAugment(operations=12, strength=1.0, value_range=(-1, 1), seed=1), images() / 127.5 - 1)
    assert outputs.min() >= -1 - 1e-5
    assert outputs.max() <= 1 + 1e-5


@pytest.mark.once
@every_policy
def test_refusals(make: Any, samples: np.ndarray) -> None:
    for strength in (-0.1, 1.1):
        with pytest.raises(ValueError, match=r"Expected strength to be from 0 to 1\. Received: strength="):
            make(strength=strength)
    with pytest.raises(ValueError, match=r"Received: operations=0"):
        make(operations=0)
    with pytest.raises(ValueError, match=r"Expected at most 12 operations\. Received: operations=13"):
        make(operations=13).build(samples.shape)


@pytest.mark.once
def test_refusals_of_one_policy() -> None:
    with pytest.raises(ValueError, match="Received: deviation=-1"):
        SignalAugment(channel_deviation=-1.0)
    with pytest.raises(ValueError, match="Received: deviation="):
        SignalAugment(channel_deviation=(1.0, 2.0)).build((None, 24, 6))
    with pytest.raises(ValueError, match="Received: triples="):
        SignalAugment(triples=((0, 1, 9),)).build((None, 24, 6))
    with pytest.raises(ValueError, match="Received: shape="):
        SignalAugment(strength=1.0).build((None, 3, 6))
    with pytest.raises(ValueError, match="Received: value_range="):
        ImageAugment(value_range=(1, 0))
