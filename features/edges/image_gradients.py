"""Gradients of brightness."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.arrays.edges import image_gradients
from kerashar.features.edges.gradients import gradients
from kerashar.features.feature import Feature


@keras.saving.register_keras_serializable(package="kerashar")
class ImageGradients(Feature):
    """Gives how fast each channel of an image changes from left to right and from top to bottom.

    Use it where the direction of edges tells something; for their strength alone take `EdgeMagnitude`.

    Call arguments:
        inputs: images of any range, such as [0, 1] or [0, 255].

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        `(batch, height, width, 2 * channels)`: all channels from left to right, then from top to bottom. A slope of 1
        per pixel gives 2. The image goes on beyond its borders by reflection.

    Example:
        >>> ImageGradients().array(np.arange(5.0)[None, None, :, None])[0, 0, 2].tolist()
        [2.0, 0.0]

    Reference:
        Sobel and Feldman, "A 3x3 isotropic gradient operator for image processing", 1968. A quarter of
        `scipy.ndimage.sobel`, as `sobel_v` and `sobel_h` of scikit-image.
    """

    dimensions = (2,)

    def extract(self, inputs: Any) -> Any:
        return ops.concatenate(gradients(inputs, "sobel"), axis=-1)

    def array_function(self) -> Callable[[np.ndarray], np.ndarray]:
        return image_gradients

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        channels = input_shape[-1]
        return (*input_shape[:-1], None if channels is None else 2 * channels)
