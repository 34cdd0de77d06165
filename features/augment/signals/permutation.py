"""Permutation."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.draws import Draws
from kerashar.features.augment.gathering import take_places
from kerashar.features.checks import check_samples
from kerashar.layers.checks import check_sizes


@keras.saving.register_keras_serializable(package="kerashar")
class Permutation(Augmentation):
    """Cuts the window into segments and puts them together in a random order.

    Use it where what happens matters and not when. It makes jumps at the cuts, so few segments are better than many.

    Args:
        segments: number of segments, of equal length up to one sample. Defaults to 4.
        rate: share of the samples that are changed, from 0 to 1; one of the orders drawn is that of the segments as
            they are. Defaults to 1.
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: windows.
        training: whether to change anything.

    Input shape:
        `(batch, time, channels)` with at least as many samples as segments.

    Output shape:
        As the input.

    Raises:
        ValueError: segments that are not a whole number of at least 1, a rate outside [0, 1], or a window shorter
            than the segments are many.

    Example:
        >>> ramp = np.arange(8, dtype="float32")[None, :, None]
        >>> sorted(np.array(Permutation(seed=1)(ramp, training=True))[0, :, 0].tolist())
        [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]

    Reference:
        Um et al., "Data Augmentation of Wearable Sensor Data for Parkinson's Disease Monitoring using Convolutional
        Neural Networks", 2017. Their cuts are random.
    """

    def __init__(self, segments: int = 4, rate: float = 1.0, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(rate=rate, seed=seed, **kwargs)
        check_sizes(segments=segments)
        self.segments = segments

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_samples(input_shape, self.segments)

    def change(self, values: Any, draws: Draws) -> Any:
        time = values.shape[1]
        steps = np.arange(time)
        segment_of = ops.convert_to_tensor((steps * self.segments // time).astype("int32"))
        place_of = ops.take(draws.order(self.segments), segment_of, axis=1)  # (batch, time)
        # Sorted by the new place of its segment, and there by time.
        keys = place_of * time + ops.convert_to_tensor(steps.astype("int32"))
        return take_places(values, ops.argsort(keys, axis=-1))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "segments": self.segments}
