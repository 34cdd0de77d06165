"""Cropping."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.draws import Draws
from kerashar.features.augment.gathering import interpolate
from kerashar.features.checks import check_samples, check_within


@keras.saving.register_keras_serializable(package="kerashar")
class Cropping(Augmentation):
    """Stretches a random part of the window to the whole length, by linear interpolation.

    Use it against dependence on when a movement starts, and on how fast it is.

    Args:
        share: of the window that the part covers at least, from 0 to 1; its length is uniform from there to 1.
            Defaults to 0.8.
        rate: share of the samples that are changed, from 0 to 1. Defaults to 1.
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: windows.
        training: whether to change anything.

    Input shape:
        `(batch, time, channels)` with at least 2 samples.

    Output shape:
        As the input.

    Raises:
        ValueError: a share or rate outside [0, 1], or a window of one sample.

    Example:
        >>> ramp = np.linspace(0, 1, 128, dtype="float32")[None, :, None]
        >>> cropped = np.array(Cropping(0.5, seed=1)(ramp, training=True))
        >>> bool(0.5 <= np.ptp(cropped) < 1)
        True

    Reference:
        Le Guennec et al., "Data Augmentation for Time Series Classification using Convolutional Neural Networks",
        2016 (window slicing). Theirs cuts parts of one length at training and votes over them at test.
    """

    def __init__(self, share: float = 0.8, rate: float = 1.0, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(rate=rate, seed=seed, **kwargs)
        check_within(0, 1, share=share)
        self.share = share

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_samples(input_shape, 2)

    def change(self, values: Any, draws: Draws) -> Any:
        last = values.shape[1] - 1
        numbers = draws.uniform(2)
        length = self.share + (1 - self.share) * numbers[:, :1]
        start = (1 - length) * numbers[:, 1:]
        steps = ops.convert_to_tensor(np.linspace(0, 1, last + 1, dtype="float32"))
        return interpolate(values, ops.minimum((start + length * steps) * last, last))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "share": self.share}
