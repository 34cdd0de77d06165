"""Batch normalisation."""

from typing import Any

import keras
from keras import ops

from kerashar import backend
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class BatchNormalization(QuickLayer, keras.layers.BatchNormalization):
    """Brings each channel to mean 0 and deviation 1 over the batch, then to a learned scale and offset.

    Use it in place of `keras.layers.BatchNormalization`: on a CPU its training step is three to five times faster on
    torch and TensorFlow. Weights and arguments are those of Keras' layer.

    Args:
        momentum: share of the running statistics that a step leaves. Defaults to 0.9, as PyTorch's.
        epsilon: added to the variance. Defaults to 1e-5, as PyTorch's.
        **kwargs: as those of Keras' layer.

    Call arguments:
        inputs: features.
        training: whether the batch's own statistics are taken, and learned from.
        mask: places that count.

    Input shape:
        `(batch, ..., channels)`.

    Output shape:
        As the input.

    Example:
        >>> import numpy as np
        >>> outputs = BatchNormalization()(np.array([[1.0], [3.0]], "float32"), training=True)
        >>> ops.convert_to_numpy(outputs).round(2).tolist()
        [[-1.0], [1.0]]

    Reference:
        Ioffe and Szegedy, "Batch Normalization", 2015.
    """

    def __init__(self, momentum: float = 0.9, epsilon: float = 1e-5, **kwargs: Any) -> None:
        super().__init__(momentum=momentum, epsilon=epsilon, **kwargs)

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        plain = self.axis in (-1, len(inputs.shape) - 1) and self.scale and self.center
        if mask is not None or self.renorm or self.synchronized or not plain:
            return super().call(inputs, training=training, mask=mask)
        learns = training and self.trainable
        gamma, beta, *running = (
            ops.cast(weight, "float32") for weight in (self.gamma, self.beta, self.moving_mean, self.moving_variance)
        )
        statistics = () if learns else running
        outputs, *statistics = backend.batch_normalization(
            ops.cast(inputs, "float32"), gamma, beta, self.epsilon, *statistics
        )
        if learns:
            for weight, before, now in zip((self.moving_mean, self.moving_variance), running, statistics, strict=True):
                weight.assign(before * self.momentum + now * (1 - self.momentum))
        return ops.cast(outputs, self.compute_dtype)
