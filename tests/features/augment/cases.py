"""The augmentations that the shared tests run through, small and strong enough to see what they do."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.images.brightness import Brightness
from kerashar.features.augment.images.channel_shuffle import ChannelShuffle
from kerashar.features.augment.images.clahe import Clahe
from kerashar.features.augment.images.color_jitter import ColorJitter
from kerashar.features.augment.images.contrast import Contrast
from kerashar.features.augment.images.flip import Flip
from kerashar.features.augment.images.gamma import Gamma
from kerashar.features.augment.images.gaussian_blur import GaussianBlur
from kerashar.features.augment.images.gaussian_noise import GaussianNoise
from kerashar.features.augment.images.hue_saturation_value import HueSaturationValue
from kerashar.features.augment.images.image_augment import ImageAugment
from kerashar.features.augment.images.jpeg_compression import JpegCompression
from kerashar.features.augment.images.median_blur import MedianBlur
from kerashar.features.augment.images.multi_scale import MultiScale
from kerashar.features.augment.images.random_erasing import RandomErasing
from kerashar.features.augment.images.rgb_shift import RgbShift
from kerashar.features.augment.images.rotation import Rotation
from kerashar.features.augment.signals.channel_mask import ChannelMask
from kerashar.features.augment.signals.colored_noise import ColoredNoise
from kerashar.features.augment.signals.cropping import Cropping
from kerashar.features.augment.signals.frequency_mask import FrequencyMask
from kerashar.features.augment.signals.jitter import Jitter
from kerashar.features.augment.signals.magnitude_warp import MagnitudeWarp
from kerashar.features.augment.signals.permutation import Permutation
from kerashar.features.augment.signals.phase_surrogate import PhaseSurrogate
from kerashar.features.augment.signals.rotation3d import Rotation3D
from kerashar.features.augment.signals.scaling import Scaling
from kerashar.features.augment.signals.signal_augment import SignalAugment
from kerashar.features.augment.signals.time_mask import TimeMask
from kerashar.features.augment.signals.time_shift import TimeShift
from kerashar.features.augment.signals.time_warp import TimeWarp
from tests.features.support import numbers

BATCH = 64  # one shape for all shared tests, since JAX compiles each operation for each shape


@dataclass(frozen=True)
class Case:
    """One augmentation, and what its draws are like."""

    make: Callable[..., Augmentation]
    idle: float = 0.0  # share of the draws that change nothing
    outcomes: int = 40  # least number of different results for a batch of equal samples

    @property
    def name(self) -> str:
        return self.make.func.__name__ if isinstance(self.make, partial) else self.make.__name__


TRIPLES = ((0, 2, 4), (5, 3, 1))

SIGNAL_CASES = [
    Case(partial(Jitter, deviation=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6))),
    Case(partial(ColoredNoise, deviation=0.3)),
    Case(partial(Scaling, triples=TRIPLES)),
    Case(Cropping),
    Case(partial(Rotation3D, triples=TRIPLES)),
    Case(TimeWarp),
    Case(MagnitudeWarp),
    Case(Permutation, idle=1 / 24, outcomes=12),
    Case(partial(TimeMask, share=0.2, count=2, fill="zero")),
    Case(partial(ChannelMask, share=0.4), outcomes=10),
    Case(partial(FrequencyMask, share=0.5)),
    Case(PhaseSurrogate),
    Case(TimeShift, idle=1 / 13, outcomes=8),
    Case(partial(SignalAugment, strength=1.0, triples="consecutive")),
]

IMAGE_CASES = [
    Case(Brightness),
    Case(Contrast),
    Case(ColorJitter),
    Case(RgbShift),
    Case(ChannelShuffle, idle=1 / 6, outcomes=5),
    Case(Gamma),
    Case(HueSaturationValue),
    Case(GaussianNoise),
    Case(RandomErasing),
    Case(partial(Flip, vertical=True), outcomes=3),
    Case(Rotation),
    Case(MultiScale, idle=1 / 3, outcomes=3),
    Case(partial(GaussianBlur, sigma=(0.5, 1.0))),
    Case(MedianBlur, outcomes=1),
    Case(JpegCompression, outcomes=10),
    Case(Clahe),
    Case(partial(ImageAugment, strength=1.0)),
]


def windows() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(BATCH, 24, 6)).astype("float32")


def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 255, size=(BATCH, 12, 12, 3)).astype("float32")


def changed(layer: Any, samples: Any) -> np.ndarray:
    """What a layer makes of samples in training, as an array."""
    return numbers(layer(samples, training=True))


def changed_often(layer: Any, samples: Any, calls: int) -> np.ndarray:
    """What a layer makes of the same samples in many calls: many draws of one shape."""
    return np.concatenate([changed(layer, samples) for _ in range(calls)])
