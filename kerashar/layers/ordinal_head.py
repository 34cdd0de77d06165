"""Head for classes in order."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.layers.checks import check_sizes
from kerashar.layers.head import Head, HeadPooling

_LEAST_GAP = 1e-4  # between thresholds: a class between two equal ones would have no logit


@keras.saving.register_keras_serializable(package="kerashar")
class OrdinalHead(Head):
    """Turns features into one score, and logits of ordered classes by where the score lies among thresholds.

    Use it where the classes are in order, such as the bins of a number (see `kerashar.training.TargetBins`), with
    `create_loss("ordinal")` or cross-entropy. The chance of being above class k is `sigmoid(score - threshold_k)`; the
    thresholds are learnt and stay in order. The logits are the log probabilities of the classes, so softmax and
    argmax mean what they do elsewhere, and all classes begin nearly as likely.

    Args:
        num_classes: number of classes, in order; at least 2.
        hidden_layers: layers of ReLU neurons ahead of the score. Defaults to 0.
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
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: fewer than 2 classes, sizes out of range, an unknown pooling, or features that don't fit it.

    Example:
        >>> import numpy as np
        >>> head = OrdinalHead(4)
        >>> ops.convert_to_numpy(ops.softmax(head(np.zeros((1, 8), "float32")))).round(3).tolist()
        [[0.25, 0.25, 0.25, 0.25]]

    Reference:
        McCullagh, "Regression Models for Ordinal Data", 1980 (proportional odds); Cao et al., "Rank Consistent Ordinal
        Regression for Neural Networks" (CORAL), 2020, whose thresholds are free, where these are in order by
        construction.
    """

    def __init__(
        self,
        num_classes: int,
        hidden_layers: int = 0,
        neurons: int = 64,
        batch_norm: bool = False,
        pooling: HeadPooling | None = None,
        **kwargs: Any,
    ) -> None:
        check_sizes(num_classes=num_classes)
        if num_classes < 2:
            raise ValueError(f"Expected num_classes to be at least 2. Received: num_classes={num_classes}.")
        # The thresholds are the score's biases.
        linear = {"use_bias": False}
        super().__init__(1, num_classes, hidden_layers, neurons, batch_norm, pooling, linear, **kwargs)
        self.num_classes = num_classes

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        self.threshold_bias = self.add_weight(
            shape=(self.num_classes - 1,),
            initializer=_even_thresholds,
            dtype="float32",
            autocast=False,  # close thresholds are one in half precision
            name="threshold_bias",
        )

    def read(self, values: Any) -> Any:
        first, gaps = self.threshold_bias[:1], ops.softplus(self.threshold_bias[1:]) + _LEAST_GAP
        score = values - ops.cumsum(ops.concatenate([first, gaps]))  # (batch, thresholds)
        log_above, log_below = -ops.softplus(-score), -ops.softplus(score)
        # sigmoid(a) - sigmoid(b) = sigmoid(a) sigmoid(-b) (1 - exp(b - a)), by logs, since the left side vanishes.
        log_between = ops.log(-ops.expm1(-gaps))
        to_the_left, to_the_right = ((0, 0), (1, 0)), ((0, 0), (0, 1))
        return ops.pad(log_above, to_the_left) + ops.pad(log_below, to_the_right) + ops.pad(log_between, ((1, 1),))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_classes": self.num_classes}


def _even_thresholds(shape: tuple[int, ...], dtype: str) -> Any:
    """The first threshold, then what gives the gaps, with which a score of 0 makes all classes as likely."""
    shares = np.arange(1, shape[0] + 1) / (shape[0] + 1)
    thresholds = np.log(shares / (1 - shares))
    gaps = np.diff(thresholds) - _LEAST_GAP
    return ops.convert_to_tensor(np.concatenate([thresholds[:1], np.log(np.expm1(gaps))]), dtype)
