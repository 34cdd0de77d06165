"""Activation by name."""

import keras

from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class Activation(QuickLayer, keras.layers.Activation):
    """The layer of Keras, which torch calls with less ado.

    Use it as `keras.layers.Activation`, in networks of many small layers.

    Args:
        activation: name of an activation of Keras, or a function.
        **kwargs: as those of Keras' layer.

    Call arguments:
        inputs: any tensor.

    Input shape:
        Any.

    Output shape:
        As the input.

    Raises:
        ValueError: an unknown name.

    Example:
        >>> import numpy as np
        >>> keras.ops.convert_to_numpy(Activation("relu")(np.array([-1.0, 2.0], "float32"))).tolist()
        [0.0, 2.0]
    """
