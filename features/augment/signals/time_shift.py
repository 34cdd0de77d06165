"""Time shift."""

from typing import Any

import keras
from keras import ops

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.draws import Draws
from kerashar.features.augment.gathering import take_places
from kerashar.features.checks import check_within


@keras.saving.register_keras_serializable(package="kerashar")
class TimeShift(Augmentation):
    """Moves the window along time; what leaves at one end comes in at the other.

    Use it for periodic movements, against dependence on their phase. There is a jump where the ends meet.

    Args:
        share: of the window by which it moves at most, either way, from 0 to 1. Defaults to 0.25.
        rate: share of the samples that are changed, from 0 to 1. Defaults to 1.
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: windows.
        training: whether to change anything.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        As the input.

    Raises:
        ValueError: a share or rate outside [0, 1].

    Example:
        >>> import numpy as np
        >>> ramp = np.arange(8, dtype="float32")[None, :, None]
        >>> sorted(np.array(TimeShift(seed=1)(ramp, training=True))[0, :, 0].tolist())
        [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]

    Reference:
        Cyclic shift, as `numpy.roll`'s, by a whole number of samples.
    """

    def __init__(self, share: float = 0.25, rate: float = 1.0, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(rate=rate, seed=seed, **kwargs)
        check_within(0, 1, share=share)
        self.share = share

    def change(self, values: Any, draws: Draws) -> Any:
        time = values.shape[1]
        furthest = int(self.share * time)
        # The upper end belongs to the last whole number, which so is as likely as the others.
        shift = ops.floor(draws.uniform(1, low=-furthest, high=furthest + 1))
        return take_places(values, (ops.arange(time, dtype="float32") - shift) % time)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "share": self.share}
