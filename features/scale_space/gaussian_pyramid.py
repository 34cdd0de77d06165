"""Smaller and smaller copies."""

from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.arrays.scale_space import gaussian_pyramid
from kerashar.features.checks import check_positive
from kerashar.features.correlation import Border
from kerashar.features.scale_space.gaussian_feature import GaussianFeature
from kerashar.layers.checks import check_sizes


@keras.saving.register_keras_serializable(package="kerashar")
class GaussianPyramid(GaussianFeature):
    """Smooths and drops every second sample, again and again.

    Use it to show a model short and long movements at the same number of samples, or small and large forms.

    Args:
        levels: how often the size is halved. Defaults to 3.
        sigma: standard deviation of the Gaussian at each level, in its samples or pixels. Defaults to 1.
        mode: how the input goes on beyond its ends, as in `GaussianSmoothing`. Defaults to `"reflect"`.
        truncate: where the Gaussian is cut, in sigmas. Defaults to 4.

    Call arguments:
        inputs: windows or images.

    Input shape:
        `(batch, time, channels)` or `(batch, height, width, channels)`, of sizes of at least 2^levels.

    Output shape:
        Of signals `(batch, samples, channels)`: the signal, then the levels along time, each half as long as the one
        before, rounded up. Of images `(batch, height, width, (1 + levels) * channels)`: the image, then the levels as
        channels, each pixel repeated to the size of the image.

    Raises:
        ValueError: an unknown mode, what is not above 0, or an input too small for the levels.

    Example:
        >>> tuple(GaussianPyramid(2)(np.ones((4, 128, 9), "float32")).shape)
        (4, 224, 9)

    Reference:
        Burt and Adelson, "The Laplacian pyramid as a compact image code", 1983. Theirs smooths by 5 taps; here it is
        `scipy.ndimage.gaussian_filter`.
    """

    def __init__(
        self, levels: int = 3, sigma: float = 1.0, mode: Border = "reflect", truncate: float = 4.0, **kwargs: Any
    ) -> None:
        super().__init__(mode, truncate, **kwargs)
        check_sizes(levels=levels)
        check_positive(sigma=sigma)
        self.levels = levels
        self.sigma = sigma

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        smallest = min(input_shape[:-1])
        if smallest < 2**self.levels:
            raise ValueError(
                f"Expected at most {smallest.bit_length() - 1} levels for a size of {smallest}. "
                f"Received: levels={self.levels}."
            )

    def filter(self, inputs: Any) -> Any:
        pyramid = [inputs]
        for _ in range(self.levels):
            pyramid.append(self.smooth(pyramid[-1], self.sigma, strides=2))
        if len(inputs.shape) == 3:
            return ops.concatenate(pyramid, axis=1)
        height, width = inputs.shape[1:3]
        repeated = [
            ops.repeat(ops.repeat(image, 2**level, axis=1), 2**level, axis=2) for level, image in enumerate(pyramid)
        ]
        return ops.concatenate([image[:, :height, :width] for image in repeated], axis=-1)

    def reference(self) -> partial[np.ndarray]:
        return partial(gaussian_pyramid, levels=self.levels, sigma=self.sigma, mode=self.mode, truncate=self.truncate)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        if len(input_shape) == 3:
            batch, time, channels = input_shape
            lengths = None if time is None else sum(-(-time // 2**level) for level in range(self.levels + 1))
            return (batch, lengths, channels)
        channels = input_shape[-1]
        return (*input_shape[:-1], None if channels is None else (1 + self.levels) * channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "levels": self.levels, "sigma": self.sigma}
