"""Huber loss."""

from typing import Any

import keras

from kerashar.losses.shapes import check_same_shape


@keras.saving.register_keras_serializable(package="kerashar")
class Huber(keras.losses.Huber):
    """Mean of the errors, quadratic up to `delta` and linear beyond.

    Use it for a target that is a number with outliers. It is Keras' own, in float32 whatever the model's precision; it
    refuses targets that Keras would broadcast, and its config holds `delta`, which Keras' forgets.

    Args:
        delta: error at which the loss turns linear, above 0, in the target's unit. Defaults to 1.

    Call arguments:
        y_true: targets of the outputs' shape, or `(batch,)` for outputs `(batch, 1)`.
        y_pred: outputs `(batch, ...)`.

    Raises:
        ValueError: a delta that is not above 0, or targets of another shape.

    Example:
        >>> import numpy as np
        >>> float(Huber(delta=2.0)(np.array([0.0, 0.0]), np.array([[1.0], [4.0]])))  # (1/2 + 2 (4 - 1)) / 2
        3.25

    Reference:
        Huber, "Robust Estimation of a Location Parameter", 1964.
    """

    def __init__(self, delta: float = 1.0, **kwargs: Any) -> None:
        if not delta > 0:
            raise ValueError(f"Expected delta to be above 0. Received: delta={delta!r}.")
        super().__init__(delta, dtype="float32", **kwargs)
        self.delta = delta

    def call(self, y_true: Any, y_pred: Any) -> Any:
        check_same_shape(y_true, y_pred)
        return super().call(y_true, y_pred)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "delta": self.delta}
