"""Head for classes."""

from typing import Any

import keras

from kerashar.layers.checks import check_sizes
from kerashar.layers.head import Head, HeadPooling


@keras.saving.register_keras_serializable(package="kerashar")
class ClassificationHead(Head):
    """Turns features into logits of classes by hidden layers and a linear one.

    Use it where a linear layer on the features is not enough, or beside a `RegressionHead` that it is compared with.

    Args:
        num_classes: number of logits.
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
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: sizes out of range, an unknown pooling, or features that don't fit it.

    Example:
        >>> import numpy as np
        >>> tuple(ClassificationHead(6, hidden_layers=1)(np.ones((2, 128), "float32")).shape)
        (2, 6)
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
        super().__init__(num_classes, num_classes, hidden_layers, neurons, batch_norm, pooling, **kwargs)
        self.num_classes = num_classes

    def read(self, values: Any) -> Any:
        return values

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_classes": self.num_classes}
