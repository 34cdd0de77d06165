"""A policy for signals."""

from collections.abc import Sequence
from typing import Any

import keras

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.checks import check_deviation, check_deviation_fits
from kerashar.features.augment.policy import Policy
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
from kerashar.features.augment.signals.time_mask import TimeMask
from kerashar.features.augment.signals.time_shift import TimeShift
from kerashar.features.augment.signals.time_warp import TimeWarp
from kerashar.features.augment.signals.triples import Triples, check_triples, check_triples_fit

# The setting of each operation at strength 1; at strength s it has s times that.
STRONGEST = {
    "time_shift": 0.25,  # of the window: a quarter; beyond, most of a window is another one's
    "cropping": 0.4,  # of the window is cut off: the rest is as slow as a walk is against a run
    "time_warp": 0.3,  # deviation of the log of the speed: a third faster or slower within one window
    "permutation": 3,  # cuts: four segments, each still longer than a stride in a window of 2.56 s
    "rotation": 45.0,  # degrees: a strap that slipped; more turns standing into lying
    "scaling": 0.2,  # deviation of the factor: far above calibration errors, like vigorous against weak
    "magnitude_warp": 0.2,  # deviation of the factor, as for scaling
    "phase_surrogate": 0.3,  # of half a turn: transients blur, cycles stay
    "frequency_mask": 0.3,  # of the frequencies
    "time_mask": 0.2,  # of the window: half a second in one of 2.56 s
    "channel_mask": 0.3,  # of the channels or sensors
    "colored_noise": 0.2,  # of the channel's deviation
    "jitter": 0.1,  # of the channel's deviation: 0.02 g and more, ten times what sensors of today have
}


@keras.saving.register_keras_serializable(package="kerashar")
class SignalAugment(Policy):
    """Applies to each window a few of the signal augmentations, drawn for it and all of one strength.

    Use it where nobody has searched for augmentations yet: its two numbers, operations and strength, can be tuned
    together. Each window draws its own set of operations, without repetition. They are applied in one order: first what
    changes time, then what the sensor does, then what is lost and the noise.

    Args:
        strength: from 0, which changes nothing, to 1, which is strong and still plausible for worn sensors.
            Defaults to 0.5.
        operations: how many operations a window gets. Defaults to 2.
        triples: channels that are the axes of one sensor: `"consecutive"` for (0, 1, 2), (3, 4, 5) and so on, or a
            tuple of triples. They turn, scale and are masked together. Defaults to None: nothing is turned.
        channel_deviation: the channels' deviation over the training data, in their unit, a number or a tuple with one
            for each; noise is a share of it. Defaults to 1, for normalised windows.
        rate: share of the samples that are changed, from 0 to 1. Defaults to 1.
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: windows.
        training: whether to change anything.

    Input shape:
        `(batch, time, channels)` with at least 4 samples.

    Output shape:
        As the input.

    Raises:
        ValueError: a strength or rate outside [0, 1], more operations than there are, a negative deviation, or
            triples or deviations that don't fit the channels.

    Example:
        >>> import numpy as np
        >>> augment = SignalAugment(triples="consecutive", seed=1)
        >>> tuple(augment(np.ones((4, 128, 9), "float32"), training=True).shape)
        (4, 128, 9)

    Reference:
        Cubuk et al., "RandAugment: Practical automated data augmentation with a reduced search space", 2020. Theirs
        draws with repetition and in random order; one order lets each operation be computed once for a batch.
    """

    def __init__(
        self,
        strength: float = 0.5,
        operations: int = 2,
        triples: Triples | None = None,
        channel_deviation: float | Sequence[float] = 1.0,
        rate: float = 1.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(strength=strength, operations=operations, rate=rate, seed=seed, **kwargs)
        check_triples(triples)
        check_deviation(channel_deviation)
        self.triples = triples
        self.channel_deviation = channel_deviation

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_triples_fit(self.triples, input_shape[-1])
        check_deviation_fits(self.channel_deviation, input_shape[-1])

    def candidates(self, channels: int) -> list[Augmentation]:
        amounts = {name: self.strength * strongest for name, strongest in STRONGEST.items()}
        turning = [] if self.triples is None else [Rotation3D(self.triples, amounts["rotation"])]
        return [
            TimeShift(amounts["time_shift"]),
            Cropping(1 - amounts["cropping"]),
            TimeWarp(deviation=amounts["time_warp"]),
            Permutation(1 + round(amounts["permutation"])),
            *turning,
            Scaling(amounts["scaling"], self.triples),
            MagnitudeWarp(deviation=amounts["magnitude_warp"]),
            PhaseSurrogate(amounts["phase_surrogate"]),
            FrequencyMask(amounts["frequency_mask"]),
            TimeMask(amounts["time_mask"]),
            ChannelMask(amounts["channel_mask"], self.triples),
            ColoredNoise(self._share_of_deviation(amounts["colored_noise"])),
            Jitter(self._share_of_deviation(amounts["jitter"])),
        ]

    def _share_of_deviation(self, share: float) -> Any:
        if isinstance(self.channel_deviation, (int, float)):
            return share * self.channel_deviation
        return tuple(share * single for single in self.channel_deviation)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "triples": self.triples, "channel_deviation": self.channel_deviation}
