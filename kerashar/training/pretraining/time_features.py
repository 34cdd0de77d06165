"""The part of a backbone that keeps the time axis."""

from typing import Any

import keras


def time_features(backbone: keras.Model) -> keras.Model:
    """The model from a backbone's window to the features `(batch, steps, features)` ahead of the layer that pools them.

    The layers are the backbone's own, so that training the one trains the other.

    Raises:
        ValueError: a backbone whose features have no time axis anywhere.
    """
    return keras.Model(backbone.input, _ahead_of_pool(backbone), name="time_features")


def _ahead_of_pool(backbone: keras.Model) -> Any:
    for layer in reversed(backbone.layers):
        if isinstance(layer, keras.layers.InputLayer):
            continue
        # A model's own `input` is within it.
        (source, *_) = layer._inbound_nodes[-1].input_tensors
        if len(source.shape) == 3 and len(layer.output.shape) == 2:
            # A model inside pools by one of its own layers, and has weights ahead of that.
            return time_features(layer)(source) if isinstance(layer, keras.Model) else source
    raise ValueError(f"Expected a model that pools features of time steps. Received: {backbone.name!r}.")
