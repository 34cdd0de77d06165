"""Layer normalisation."""

from typing import Any

import keras
from keras import ops

from kerashar import backend
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class LayerNormalization(QuickLayer, keras.layers.LayerNormalization):
    """Brings the channels of each place to mean 0 and deviation 1, then each to a learned scale and offset.

    Use it in place of `keras.layers.LayerNormalization`: on a CPU its training step is twice as fast on JAX and
    TensorFlow. Weights and arguments are those of Keras' layer.

    Args:
        epsilon: added to the variance. Defaults to 1e-6, as transformers have it.
        **kwargs: as those of Keras' layer, but for the axis, which is the last one.

    Call arguments:
        inputs: features.

    Input shape:
        `(batch, ..., channels)`.

    Output shape:
        As the input.

    Example:
        >>> import numpy as np
        >>> ops.convert_to_numpy(LayerNormalization()(np.array([[1.0, 3.0]], "float32"))).round(2).tolist()
        [[-1.0, 1.0]]

    Reference:
        Ba et al., "Layer Normalization", 2016.
    """

    def __init__(self, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(axis=[-1], epsilon=epsilon, **kwargs)

    def call(self, inputs: Any) -> Any:
        if not self.scale or self.rms_scaling:
            return super().call(inputs)
        scale = ops.cast(self.gamma, "float32")
        offset = ops.cast(self.beta, "float32") if self.center else None
        outputs = backend.layer_normalization(ops.cast(inputs, "float32"), scale, offset, self.epsilon)
        return ops.cast(outputs, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.pop("axis")
        return config
