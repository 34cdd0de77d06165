"""Mean squared error."""

from typing import Any

import keras

from kerashar.losses.shapes import check_same_shape


@keras.saving.register_keras_serializable(package="kerashar")
class MeanSquaredError(keras.losses.MeanSquaredError):
    """Mean of the squared errors.

    Use it for a target that is a number and whose large errors matter most. It is Keras' own, in float32 whatever the
    model's precision, and it refuses targets that Keras would broadcast.

    Call arguments:
        y_true: targets of the outputs' shape, or `(batch,)` for outputs `(batch, 1)`.
        y_pred: outputs `(batch, ...)`.

    Raises:
        ValueError: targets of another shape.

    Example:
        >>> import numpy as np
        >>> float(MeanSquaredError()(np.array([1.0, 2.0]), np.array([[1.0], [4.0]])))
        2.0
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(dtype="float32", **kwargs)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        check_same_shape(y_true, y_pred)
        return super().call(y_true, y_pred)
