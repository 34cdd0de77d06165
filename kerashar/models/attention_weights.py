"""What the attention of a model looks at."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.layers.checks import check_sizes


def attention_weights(model: keras.Model, windows: np.ndarray, batch_size: int = 64) -> dict[str, np.ndarray]:
    """Compute how much each time step or patch attends to each other, in each layer of a model that has attention.

    Use it to see which moments of a window, or places of an image, a model relates. A stem with strides makes steps of
    several samples.

    Args:
        model: a Functional model with attention, such as `create_model("cnn_transformer", ...)`; models inside it
            are not searched.
        windows: windows `(n, time, channels)` or images `(n, height, width, channels)` as the model takes them.
        batch_size: windows at a time. Defaults to 64.

    Returns:
        Weights `(n, heads, time, time)` by the name of the layer: the last axis, what is attended to, sums to 1. Of an
        image the places are counted row by row; ViT's and EVA-02's class token comes first.

    Raises:
        ValueError: a batch size below 1, or a model without attention.

    Example:
        >>> from kerashar.models import create_model
        >>> model = create_model("cnn_transformer", (128, 9), 6, depth=2, blocks=1)
        >>> {name: weights.shape for name, weights in attention_weights(model, np.zeros((3, 128, 9))).items()}
        {'transformer_1': (3, 4, 32, 32)}

    Reference:
        Vaswani et al., "Attention Is All You Need", 2017, show such weights.
    """
    check_sizes(batch_size=batch_size)
    layers = attention_layers(model)
    if not layers:
        raise ValueError(f"Expected a model with attention. Received: {model.name!r}, of whose layers none has it.")
    trunk = keras.Model(model.input, {layer.name: layer.input for layer in layers})
    features = trunk.predict(windows, batch_size=batch_size, verbose=0)
    starts = range(0, len(windows), batch_size)
    return {
        layer.name: np.concatenate([_weights(layer, features[layer.name][at : at + batch_size]) for at in starts])
        for layer in layers
    }


def attention_layers(model: keras.Model) -> list[Any]:
    """The layers of a model that have attention."""
    # A residual block has the method with and without attention.
    return [
        layer
        for layer in model.layers
        if hasattr(layer, "attention_weights") and getattr(layer, "attention", layer) is not None
    ]


def _weights(layer: Any, inputs: np.ndarray) -> np.ndarray:
    return ops.convert_to_numpy(ops.cast(layer.attention_weights(inputs), "float32"))
