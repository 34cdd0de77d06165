"""Features of MiniRocket."""

from itertools import combinations
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar import backend
from kerashar.layers.checks import check_sizes
from kerashar.layers.dilated_features import TAPS, DilatedFeatures, on_grid

# Every kernel with the weight 2 at three of nine taps and -1 at the others, (taps, kernels).
_HIGH = list(combinations(range(TAPS), 3))
_WEIGHTS = np.array([[2 if tap in high else -1 for high in _HIGH] for tap in range(TAPS)], "float32")
_KERNELS = len(_HIGH)  # 84
_MOST_CHANNELS = 9  # of one kernel
# Nine channels of twelve (the sum of a kernel's absolute weights) times the grid's end stay below 2^24 steps.
_STEPS = 2**13
_ROWS = 8  # biases of each kernel compared at once: more need memory, fewer need more calls


@keras.saving.register_keras_serializable(package="kerashar")
class MiniRocketFeatures(DilatedFeatures):
    """Tells for thousands of biases which share of the window a convolution spends above them.

    Use it where a linear classifier on fixed features is enough: a baseline that is fitted once, in seconds, and
    hard to beat. The layer has no weights to train and lets no gradient through; call `fit` with training windows.

    Args:
        num_features: number of features, rounded down to a multiple of the 84 kernels. Defaults to 10,000.
        max_dilations: largest number of dilations of one kernel. Defaults to 32.
        seed: seed of the channels that each kernel sees and of the windows that give the biases. Defaults to 0.

    Call arguments:
        inputs: normalised signal; it is rounded to 1/8192, so that all backends give the same features.

    Input shape:
        `(batch, time, channels)` with a known time of at least 9.

    Output shape:
        `(batch, num_features)`, rounded down as above, in the order dilation, padding (kernels over the zero-padded
        window come first), bias, kernel.

    Raises:
        ValueError: fewer than 84 features, a size below 1, or a window that is too short or of unknown length.

    Example:
        >>> windows = np.random.default_rng(0).normal(size=(4, 128, 9)).astype("float32")
        >>> layer = MiniRocketFeatures(num_features=1000)
        >>> layer.fit(windows)
        >>> tuple(layer(windows).shape)
        (4, 924)

    Reference:
        Dempster, Schmidt and Webb, "MiniRocket: A Very Fast (Almost) Deterministic Transform for Time Series
        Classification", 2021, in the authors' multivariate form. Theirs does not round the signal.
    """

    def __init__(self, num_features: int = 10_000, max_dilations: int = 32, seed: int = 0, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        check_sizes(num_features=num_features, max_dilations=max_dilations)
        if num_features < _KERNELS:
            raise ValueError(f"Expected at least {_KERNELS} features. Received: num_features={num_features}.")
        self.num_features = num_features
        self.max_dilations = max_dilations

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        time, channels = self._known_window(input_shape)
        self.dilations, self.biases_each = self._plan(time)
        generator = np.random.default_rng(self.seed)
        most = np.log2(min(channels, _MOST_CHANNELS) + 1)
        sizes = np.floor(2 ** generator.uniform(0, most, (len(self.dilations), 1, _KERNELS)))
        shuffled = generator.random((len(self.dilations), channels, _KERNELS)).argsort(axis=1).argsort(axis=1)
        self.chosen_channels = self._add_choice("chosen_channels", shuffled < sizes)
        self.biases = self.add_weight(
            shape=(sum(self.biases_each), _KERNELS),
            initializer="zeros",
            trainable=False,
            autocast=False,  # what they are compared with is float32
            name="biases",
        )

    def fit(self, windows: np.ndarray) -> None:
        """Take the biases from `windows` `(n, time, channels)`, normalised as in a call.

        They are quantiles, spread evenly by a low-discrepancy sequence, of each kernel's convolution with one window
        drawn at random.
        """
        if not self.built:
            self.build(windows.shape)
        if windows.ndim != 3 or not len(windows) or windows.shape[2] != self.chosen_channels.shape[1]:
            channels = self.chosen_channels.shape[1]
            raise ValueError(f"Expected windows (n, time, {channels}), n > 0. Received: shape={windows.shape}.")
        generator = np.random.default_rng([self.seed, 1])
        golden_ratio = (np.sqrt(5) + 1) / 2
        levels = np.arange(1, sum(self.biases_each) * _KERNELS + 1) * golden_ratio % 1
        kernels = np.arange(_KERNELS)
        biases, first = [], 0
        for index, count in enumerate(self.biases_each):
            drawn = windows[generator.integers(len(windows), size=_KERNELS)]  # one window for each kernel
            outputs = ops.convert_to_numpy(self._convolve(on_grid(drawn, _STEPS), index, slice(None), padded=True))
            of_dilation = levels[first : first + count * _KERNELS].reshape(_KERNELS, count)
            own = outputs[kernels, :, kernels]  # (kernels, time)
            biases += list(np.transpose([np.quantile(*pair) for pair in zip(own, of_dilation, strict=True)]))
            first += count * _KERNELS
        self.biases.assign(np.stack(biases))

    def call(self, inputs: Any) -> Any:
        signal = on_grid(inputs, _STEPS)
        features, first = [], 0
        for index, count in enumerate(self.biases_each):
            for padded in (True, False):
                # Every other kernel is padded; with the next dilation the kernels change sides.
                kernels = slice((index if padded else index + 1) % 2, None, 2)
                outputs = self._convolve(signal, index, kernels, padded)
                for row in range(first, first + count, _ROWS):
                    biases = self.biases[row : min(row + _ROWS, first + count), kernels]
                    features.append(_share_above(outputs, biases))
            first += count
        return ops.cast(ops.concatenate(features, axis=-1), self.compute_dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], self.num_features // _KERNELS * _KERNELS)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_features": self.num_features, "max_dilations": self.max_dilations}

    def _plan(self, time: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Dilations of every kernel, on a scale of powers of two up to the window's length, and biases for each."""
        biases = self.num_features // _KERNELS
        wanted = min(biases, self.max_dilations)
        scale = 2 ** np.linspace(0, np.log2((time - 1) / (TAPS - 1)), wanted)
        # The small number is against 3 becoming 2 by a rounding error on some machine.
        dilations, repeats = np.unique((scale + 1e-9).astype(int), return_counts=True)
        each = (repeats * (biases / wanted)).astype(int)
        each[: biases - each.sum()] += 1
        return tuple(dilations.tolist()), tuple(each.tolist())

    def _convolve(self, signal: Any, index: int, kernels: slice, padded: bool) -> Any:
        dilation = self.dilations[index]
        zeros = (TAPS - 1) // 2 * dilation if padded else 0
        channels = ops.cast(self.chosen_channels[index, :, kernels], "float32")
        kernel = channels * ops.convert_to_tensor(_WEIGHTS[:, None, kernels])  # (taps, channels, kernels)
        return backend.conv1d(signal, kernel, (zeros, zeros), dilation_rate=dilation)


def _share_above(outputs: Any, biases: Any) -> Any:
    """Share of the window `(batch, time, kernels)` at which the kernels' outputs are above each row of biases."""
    above = ops.cast(outputs[:, :, None] > biases, "float32")  # (batch, time, rows, kernels)
    # Folded before they are summed: XLA adds halves twenty times faster than it sums over time.
    while above.shape[1] % 2 == 0 and above.shape[1] > 16:
        half = above.shape[1] // 2
        above = above[:, :half] + above[:, half:]
    return ops.reshape(ops.sum(above, axis=1) / outputs.shape[1], (-1, biases.shape[0] * biases.shape[1]))
