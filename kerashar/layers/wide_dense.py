"""Dense layer on thousands of features."""

from typing import Any

import keras
from keras import ops

_BLOCK = 64  # features that are added up in a row


@keras.saving.register_keras_serializable(package="kerashar")
class WideDense(keras.layers.Dense):
    """A dense layer that adds features up block by block, then the blocks.

    Use it as the classifier on thousands of features, where one long sum in float32 differs from backend to backend
    by more than 1e-5. Arguments and weights are those of `keras.layers.Dense`.

    Call arguments:
        inputs: features.

    Input shape:
        `(batch, features)`.

    Output shape:
        `(batch, units)`.

    Example:
        >>> WideDense(6)(keras.ops.ones((2, 10_000))).shape[1]
        6
    """

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        missing = -inputs.shape[-1] % _BLOCK
        features = ops.reshape(ops.pad(inputs, ((0, 0), (0, missing))), (-1, self._blocks, _BLOCK))
        kernel = ops.reshape(ops.pad(self.kernel, ((0, missing), (0, 0))), (self._blocks, _BLOCK, self.units))
        outputs = ops.sum(ops.einsum("nbf,bfu->nbu", features, kernel), axis=1)
        if self.use_bias:
            outputs = outputs + self.bias
        return outputs if self.activation is None else self.activation(outputs)

    @property
    def _blocks(self) -> int:
        return -(-self.kernel.shape[0] // _BLOCK)
