"""What all features share."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.checks import check_shape


class Feature(keras.layers.Layer):
    """Computes features of windows or images: as a layer inside a model, and ahead of time as arrays.

    Use it as the base of a new feature. Give `extract` and `compute_output_shape` for the layer, `array_function` for
    arrays, and `check_input` for shapes that the feature refuses; both forms give the same numbers. The layer takes
    float32 as it comes, also under mixed precision, since physical units may not fit float16; its outputs have the
    policy's dtype.

    Call arguments:
        inputs: windows or images. NaN in a tensor stays NaN; in an array it is an error.

    Input shape:
        `(batch, time, channels)` or `(batch, height, width, channels)`, apart from the batch all known.

    Output shape:
        `(batch, time, features)`, `(batch, height, width, features)`, or `(batch, features)`.

    Raises:
        ValueError: an array that holds NaN or infinity, or a shape that the feature refuses.
    """

    dimensions = (1,)  # axes between batch and channels that it takes: 1 for signals, 2 for images

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(inputs, np.ndarray):
            _check_finite(inputs)
        return super().__call__(inputs, *args, **kwargs)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.check(input_shape)

    def call(self, inputs: Any) -> Any:
        return ops.cast(self.extract(ops.cast(inputs, "float32")), self.compute_dtype)

    def extract(self, inputs: Any) -> Any:
        """The features of a float32 tensor, as a float32 tensor."""
        raise TypeError(f"Expected {type(self).__name__} to define extract.")

    def array_function(self) -> Callable[[np.ndarray], np.ndarray]:
        """The same on arrays, by NumPy, SciPy or PyWavelets: a function that another process can import without Keras.

        It takes and gives float32.
        """
        raise TypeError(f"Expected {type(self).__name__} to define array_function.")

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        """Refuse shapes of one window or image `(time, channels)` or `(height, width, channels)`, all known."""

    def array(self, windows: np.ndarray) -> np.ndarray:
        """The features of windows `(n, time, channels)` or images, computed without the backend.

        Raises:
            ValueError: windows that hold NaN or infinity, or a shape that the feature refuses.
        """
        windows = np.asarray(windows, "float32")
        self.check(windows.shape)
        _check_finite(windows)
        return self.array_function()(windows)

    def check(self, input_shape: tuple[int | None, ...]) -> None:
        """Refuse a shape with its batch axis that the feature can't take."""
        self.check_input(check_shape(self, input_shape))


def _check_finite(windows: np.ndarray) -> None:
    if not np.isfinite(windows).all():
        raise ValueError("Expected finite values. Received: NaN or infinity; drop or repair those windows first.")
