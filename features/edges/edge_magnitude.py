"""Strength of edges."""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, get_args

import keras
import numpy as np
from keras import ops

from kerashar.features.arrays.edges import edge_magnitude
from kerashar.features.edges.gradients import gradients
from kerashar.features.feature import Feature
from kerashar.features.safe_math import safe_sqrt
from kerashar.layers.checks import check_choice

Kind = Literal["sobel", "scharr", "prewitt"]


@keras.saving.register_keras_serializable(package="kerashar")
class EdgeMagnitude(Feature):
    """Gives the strength of edges in each channel of an image, whatever their direction.

    Use it for outlines that don't depend on brightness.

    Args:
        kind: weights of the neighbours, `"sobel"`, `"scharr"`, which treats all directions most alike, or
            `"prewitt"`. Defaults to `"sobel"`.

    Call arguments:
        inputs: images of any range, such as [0, 1] or [0, 255].

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        As the input. An image in [0, 1] gives values in [0, 1]. The image goes on beyond its borders by reflection;
        the gradient of a flat place is 0.

    Raises:
        ValueError: an unknown kind.

    Example:
        >>> tuple(EdgeMagnitude("scharr")(np.ones((4, 32, 32, 3), "float32")).shape)
        (4, 32, 32, 3)

    Reference:
        Root of the mean square of both gradients, as `sobel`, `scharr` and `prewitt` of `skimage.filters`.
    """

    dimensions = (2,)

    def __init__(self, kind: Kind = "sobel", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_choice("kind", kind, get_args(Kind))
        self.kind: Kind = kind

    def extract(self, inputs: Any) -> Any:
        rightward, downward = gradients(inputs, self.kind)
        return safe_sqrt((ops.square(rightward) + ops.square(downward)) / 2)

    def array_function(self) -> Callable[[np.ndarray], np.ndarray]:
        return partial(edge_magnitude, kind=self.kind)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kind": self.kind}
