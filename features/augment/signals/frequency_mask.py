"""Frequency mask."""

from typing import Any

import keras
from keras import ops

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.draws import Draws
from kerashar.features.augment.signals.spectrum import bins, from_spectrum, to_spectrum
from kerashar.features.checks import check_samples, check_within


@keras.saving.register_keras_serializable(package="kerashar")
class FrequencyMask(Augmentation):
    """Removes random frequencies from all channels.

    Use it against dependence on single frequencies of a movement. The mean of a window, and so gravity, stays.

    Args:
        share: probability of each frequency to be removed, from 0 to 1. Defaults to 0.1.
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
        >>> import numpy as np
        >>> np.array(FrequencyMask(1.0)(np.array([[[1.0], [2.0], [6.0]]], "float32"), training=True)).round(5).tolist()
        [[[3.0], [3.0], [3.0]]]

    Reference:
        Chen et al., "FrAug: Frequency Domain Augmentation for Time Series Forecasting", 2023, whose mask has the mean
        too.
    """

    def __init__(self, share: float = 0.1, rate: float = 1.0, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(rate=rate, seed=seed, **kwargs)
        check_within(0, 1, share=share)
        self.share = share

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_samples(input_shape, 2)

    def change(self, values: Any, draws: Draws) -> Any:
        time = values.shape[1]
        real, imaginary = to_spectrum(values)
        kept = ops.cast(draws.uniform(1, bins(time) - 1) >= self.share, "float32")
        kept = ops.pad(kept, ((0, 0), (0, 0), (1, 0)), constant_values=1.0)  # the mean
        return from_spectrum(real * kept, imaginary * kept, time)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "share": self.share}
