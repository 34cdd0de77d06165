"""Head for numbers."""

import math
from typing import Any, Literal, get_args

import keras
from keras import ops

from kerashar.layers.checks import check_choice, check_sizes
from kerashar.layers.head import Head, HeadPooling

Bound = Literal["none", "sigmoid", "clamp"]


@keras.saving.register_keras_serializable(package="kerashar")
class RegressionHead(Head):
    """Turns features into numbers by hidden layers and a linear one.

    Use it for a target that is a number, such as an angle or a heart rate, with `create_loss("mean_squared_error")` or
    `"huber"`. The range brings the outputs to the target's size whatever the bound, so that training begins in its
    middle; give it in the target's unit.

    With `"clamp"` no output leaves the range, in training as at inference. The gradient passes as if there were no
    bound: an output that is held at an end of the range and wrong there comes back, where a plain clip would leave it
    for good.

    Args:
        low: least value of the target. Defaults to 0.
        high: greatest value of the target. Defaults to 1.
        bound: what keeps the outputs in the range: `"none"` nothing, `"sigmoid"` a curve that flattens towards both
            ends, `"clamp"` a cut at them. Defaults to `"none"`.
        num_targets: numbers for each sample; all have the same range. Defaults to 1.
        hidden_layers: layers of ReLU neurons ahead of the linear one. Defaults to 0.
        neurons: width of each of them. Defaults to 64.
        batch_norm: whether each is normalised over the batch ahead of its ReLU. Defaults to False.
        pooling: how features that keep their time axis, or their height and width, become one vector: `"average"`,
            `"max"`, `"average_max"` (both side by side), or `None` for features that are pooled. Defaults to `None`.

    Call arguments:
        inputs: features.
        training: whether batch normalisation takes the batch's figures.

    Input shape:
        `(batch, features)`; with pooling `(batch, time, features)` or `(batch, height, width, features)`.

    Output shape:
        `(batch, num_targets)`, in the target's unit.

    Raises:
        ValueError: a range without extent, sizes out of range, an unknown bound or pooling, or features that don't
            fit it.

    Example:
        >>> import numpy as np
        >>> head = RegressionHead(40.0, 200.0, "sigmoid", hidden_layers=1)
        >>> ops.convert_to_numpy(head(np.zeros((1, 128), "float32"))).tolist()
        [[120.0]]

    Reference:
        Bengio et al., "Estimating or Propagating Gradients Through Stochastic Neurons", 2013, for the gradient that
        passes straight through.
    """

    def __init__(
        self,
        low: float = 0.0,
        high: float = 1.0,
        bound: Bound = "none",
        num_targets: int = 1,
        hidden_layers: int = 0,
        neurons: int = 64,
        batch_norm: bool = False,
        pooling: HeadPooling | None = None,
        **kwargs: Any,
    ) -> None:
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ValueError(f"Expected a finite low below a finite high. Received: low={low!r}, high={high!r}.")
        check_choice("bound", bound, get_args(Bound))
        check_sizes(num_targets=num_targets)
        middle = keras.initializers.Constant(0.0 if bound == "sigmoid" else 0.5)
        linear = {"bias_initializer": middle}
        super().__init__(num_targets, num_targets, hidden_layers, neurons, batch_norm, pooling, linear, **kwargs)
        self.low = low
        self.high = high
        self.bound: Bound = bound
        self.num_targets = num_targets

    def read(self, values: Any) -> Any:
        if self.bound == "sigmoid":
            values = ops.sigmoid(values)
        elif self.bound == "clamp":
            passes = values - ops.stop_gradient(values)  # zero, with the gradient of the values
            values = ops.stop_gradient(ops.clip(values, 0.0, 1.0)) + passes
        return self.low + (self.high - self.low) * values

    def get_config(self) -> dict[str, Any]:
        settings = ("low", "high", "bound", "num_targets")
        return {**super().get_config(), **{name: getattr(self, name) for name in settings}}
