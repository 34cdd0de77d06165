"""Features of Hydra."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar import backend
from kerashar.layers.checks import check_sizes
from kerashar.layers.dilated_features import TAPS, DilatedFeatures, on_grid

_MOST_CHANNELS = 8  # of one group
# Eight channels of a kernel whose absolute weights sum to one, times the grid's end, stay below 2^24 steps.
_STEPS = 2**9
_TAP_STEPS = 2**8


@keras.saving.register_keras_serializable(package="kerashar")
class HydraFeatures(DilatedFeatures):
    """Counts how often each of a group of random kernels matches the signal best, and how often worst.

    Use it as `MiniRocketFeatures`, with a linear classifier behind a `SparseScaling`: it works like a dictionary of
    patterns and is quick to compute. The layer has no weights to train.

    Args:
        kernels: kernels that compete in a group. Defaults to 8.
        groups: groups of each dilation, an even number: one half sees the signal, the other its first difference.
            Defaults to 64.
        seed: seed of the kernels and of the channels that each group sees. Defaults to 0.

    Call arguments:
        inputs: normalised signal; it is rounded to 1/512, so that all backends give the same counts.

    Input shape:
        `(batch, time, channels)` with a known time of at least 9.

    Output shape:
        `(batch, dilations * groups * kernels * 2)` with dilations 1, 2, 4, ... as long as nine taps fit the window,
        in the order dilation, signal or difference, best or worst, group, kernel.

    Raises:
        ValueError: a size below 1, an odd number of groups, or a window that is too short or of unknown length.

    Example:
        >>> tuple(HydraFeatures(kernels=8, groups=4)(np.ones((2, 128, 9), "float32")).shape)
        (2, 256)

    Reference:
        Dempster, Schmidt and Webb, "Hydra: Competing Convolutional Kernels for Fast and Accurate Time Series
        Classification", 2023, in the authors' multivariate form. Their signal and kernels are not rounded; ours are,
        the kernels to 1/256 with a sum of zero.
    """

    def __init__(self, kernels: int = 8, groups: int = 64, seed: int = 0, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        check_sizes(kernels=kernels, groups=groups)
        if groups % 2:
            raise ValueError(f"Expected an even number of groups. Received: groups={groups}.")
        self.kernels = kernels
        self.groups = groups

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        time, channels = self._known_window(input_shape)
        self.dilations = _dilations(time)
        generator = np.random.default_rng(self.seed)
        families = (len(self.dilations), 2, self.groups // 2)  # one for each group
        taps = generator.normal(size=(*families, self.kernels, TAPS))
        taps -= taps.mean(axis=-1, keepdims=True)
        taps = np.round(taps / np.abs(taps).sum(axis=-1, keepdims=True) * _TAP_STEPS)
        largest = np.abs(taps).argmax(axis=-1)[..., None]
        rest = taps.sum(axis=-1, keepdims=True)  # of rounding
        np.put_along_axis(taps, largest, np.take_along_axis(taps, largest, -1) - rest, -1)
        self.taps = self._add_choice("taps", taps)
        # Drawn with replacement: a channel drawn twice counts twice.
        draws = 1 if channels == 1 else min(max(channels // 2, 2), _MOST_CHANNELS)
        drawn = generator.integers(channels, size=(*families, draws))
        self.chosen_channels = self._add_choice("chosen_channels", np.eye(channels, dtype=int)[drawn].sum(axis=-2))

    def call(self, inputs: Any) -> Any:
        signal = on_grid(inputs, _STEPS)
        signals = (signal, on_grid(signal[:, 1:] - signal[:, :-1], _STEPS))
        features = [
            counts
            for index in range(len(self.dilations))
            for source in (0, 1)
            for counts in self._count(self._convolve(signals[source], index, source))
        ]
        return ops.cast(ops.concatenate(features, axis=-1), self.compute_dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        time, _ = self._known_window(input_shape)
        return (input_shape[0], len(_dilations(time)) * self.groups * self.kernels * 2)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kernels": self.kernels, "groups": self.groups}

    def _convolve(self, signal: Any, index: int, source: int) -> Any:
        dilation = self.dilations[index]
        zeros = (TAPS - 1) // 2 * dilation
        taps, channels = self.taps[index, source], self.chosen_channels[index, source]
        kernel = ops.einsum("gkt,gc->tcgk", ops.cast(taps, "float32") / _TAP_STEPS, ops.cast(channels, "float32"))
        kernel = ops.reshape(kernel, (TAPS, signal.shape[-1], -1))
        outputs = backend.conv1d(signal, kernel, (zeros, zeros), dilation_rate=dilation)
        return ops.reshape(outputs, (-1, outputs.shape[1], self.groups // 2, self.kernels))

    def _count(self, outputs: Any) -> tuple[Any, Any]:
        """Sum of each kernel's outputs where it is the highest of its group, and how often it is the lowest."""
        number = ops.arange(self.kernels)
        highest = ops.argmax(outputs, axis=-1, keepdims=True) == number  # (batch, time, groups, kernels)
        lowest = ops.argmin(outputs, axis=-1, keepdims=True) == number
        sums = ops.sum(ops.where(highest, outputs, 0.0), axis=1)
        counts = ops.sum(ops.cast(lowest, "float32"), axis=1)
        features = (-1, self.groups // 2 * self.kernels)
        return ops.reshape(sums, features), ops.reshape(counts, features)


def _dilations(time: int) -> tuple[int, ...]:
    longest = (time - 1) // (TAPS - 1)
    return tuple(2**exponent for exponent in range(longest.bit_length()))
