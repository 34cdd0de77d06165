"""Edges by curvature."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from kerashar.features.arrays.edges import CURVATURE, laplacian_edges
from kerashar.features.correlation import correlate_axis
from kerashar.features.feature import Feature


@keras.saving.register_keras_serializable(package="kerashar")
class LaplacianEdges(Feature):
    """Gives the curvature of brightness in each channel of an image: it changes sign at an edge.

    Use it for thin lines and points. It enlarges noise: smooth before, by `GaussianSmoothing`.

    Call arguments:
        inputs: images of any range, such as [0, 1] or [0, 255].

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        As the input. An image in [0, 1] gives values in [-4, 4]. The image goes on beyond its borders by reflection.

    Example:
        >>> LaplacianEdges().array(np.array([0.0, 1.0, 0.0])[None, None, :, None]).ravel().tolist()
        [1.0, -2.0, 1.0]

    Reference:
        The sum of the second differences along height and width, equal to `scipy.ndimage.laplace`.
    """

    dimensions = (2,)

    def extract(self, inputs: Any) -> Any:
        return correlate_axis(inputs, CURVATURE, axis=1) + correlate_axis(inputs, CURVATURE, axis=2)

    def array_function(self) -> Callable[[np.ndarray], np.ndarray]:
        return laplacian_edges

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape
