"""Fourier spectrum."""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, get_args

import keras
import numpy as np
from keras import ops

from kerashar.features.arrays.spectral import NEGLIGIBLE, fourier_spectrum
from kerashar.features.feature import Feature
from kerashar.features.safe_math import safe_sqrt
from kerashar.features.spectral.transforms import WINDOWS, Window, spectrum
from kerashar.layers.checks import check_choice

Part = Literal["magnitude", "phase", "power", "real_imaginary"]


@keras.saving.register_keras_serializable(package="kerashar")
class FourierSpectrum(Feature):
    """Replaces time by frequency.

    Use it for rhythms that last through the whole window, such as steps; at a sampling rate of r Hz the bins are
    r / time Hz apart. For densities in physical units take `PowerSpectralDensity`.

    Args:
        part: `"magnitude"` in units of the input times samples, `"power"`, its square, `"phase"` in radians from -pi
            to pi, or `"real_imaginary"`. Defaults to `"magnitude"`.
        window: weights of the samples, `"boxcar"` (all 1), `"hann"`, `"hamming"` or `"blackman"`, as in
            `scipy.signal.get_window`. Defaults to `"boxcar"`.
        detrend: whether to subtract the mean of each channel first. Defaults to False.

    Call arguments:
        inputs: windows.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        `(batch, time // 2 + 1, channels)`; for `"real_imaginary"` `2 * channels`, the real parts first.

    Raises:
        ValueError: an unknown part or window.

    Example:
        >>> tuple(FourierSpectrum("power")(np.ones((4, 128, 9), "float32")).shape)
        (4, 65, 9)

    Reference:
        Cooley and Tukey, "An algorithm for the machine calculation of complex Fourier series", 1965. Equal to
        `scipy.fft.rfft` of the weighted window. The phase of what is rounding,
        below 1e-5 of the largest magnitude, is 0; the gradients of magnitude and phase at 0 are 0.
    """

    def __init__(
        self, part: Part = "magnitude", window: Window = "boxcar", detrend: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        check_choice("part", part, get_args(Part))
        check_choice("window", window, WINDOWS)
        self.part: Part = part
        self.window: Window = window
        self.detrend = detrend

    def extract(self, inputs: Any) -> Any:
        real, imaginary = spectrum(ops.transpose(inputs, (0, 2, 1)), self.window, self.detrend)
        return ops.transpose(self._part(real, imaginary), (0, 2, 1))

    def _part(self, real: Any, imaginary: Any) -> Any:
        if self.part == "real_imaginary":
            return ops.concatenate([real, imaginary], axis=1)
        power = ops.square(real) + ops.square(imaginary)
        if self.part == "phase":
            rounding = power <= NEGLIGIBLE * ops.max(power, axis=-1, keepdims=True)
            imaginary = ops.where(rounding | (imaginary == 0), 0.0, imaginary)  # a negative zero would turn pi into -pi
            return ops.arctan2(imaginary, ops.where(rounding, 1.0, real))
        return safe_sqrt(power) if self.part == "magnitude" else power

    def array_function(self) -> Callable[[np.ndarray], np.ndarray]:
        return partial(fourier_spectrum, part=self.part, window=self.window, detrend=self.detrend)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, time, channels = input_shape
        copies = 2 if self.part == "real_imaginary" else 1
        return (batch, None if time is None else time // 2 + 1, None if channels is None else copies * channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "part": self.part, "window": self.window, "detrend": self.detrend}
