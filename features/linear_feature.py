"""What features share that are weighted sums of each channel's samples."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from keras import ops

from kerashar.features.arrays.impulses import LONGEST, by_impulses, impulse_responses
from kerashar.features.feature import Feature


class LinearFeature(Feature):
    """Computes outputs of each channel that are weighted sums of its samples, the same for all channels.

    Use it as the base of such a feature: give `reference` and `filter`. Of short windows all outputs are one matrix
    product, whose weights the reference itself tells by its responses to impulses: 2 to 20 times faster than filters on
    each backend, at 128 samples and 9 channels. Long windows, and images, are filtered.
    """

    band_by_band = False  # whether a band's channels are neighbours in the output, rather than a channel's bands

    def reference(self) -> "partial[np.ndarray]":
        """The feature on arrays as SciPy or PyWavelets computes it: a function with its hashable settings."""
        raise TypeError(f"Expected {type(self).__name__} to define reference.")

    def filter(self, inputs: Any) -> Any:
        """The feature of a float32 tensor of any length, by filters."""
        raise TypeError(f"Expected {type(self).__name__} to define filter.")

    def extract(self, inputs: Any) -> Any:
        if len(inputs.shape) != 3 or inputs.shape[1] > LONGEST:
            return self.filter(inputs)
        time, channels = inputs.shape[1:]
        weights = impulse_responses(self.reference(), time)
        steps, bands = weights.shape[1:]
        rows = ops.reshape(ops.transpose(inputs, (0, 2, 1)), (-1, time))
        outputs = ops.matmul(rows, ops.convert_to_tensor(weights.reshape(time, -1)))
        outputs = ops.reshape(outputs, (-1, channels, steps, bands))
        outputs = ops.transpose(outputs, (0, 2, 3, 1) if self.band_by_band else (0, 2, 1, 3))
        return ops.reshape(outputs, (-1, steps, channels * bands))

    def array_function(self) -> Callable[[np.ndarray], np.ndarray]:
        return partial(by_impulses, reference=self.reference(), band_by_band=self.band_by_band)
