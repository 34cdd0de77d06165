"""The layers of a model whose outputs keep the places of its input."""

from collections.abc import Iterator
from typing import Any

import keras

from kerashar.layers.images import TokenPooling
from kerashar.models.attention_weights import attention_layers
from kerashar.models.feature_model import FeatureModel
from kerashar.names import unknown_name


def map_layer(model: keras.Model, name: str | None) -> tuple[Any, tuple[int, int] | None]:
    """A layer with a value at each place, in the model or in one inside it, and its grid if it gives tokens.

    Args:
        model: of windows or images.
        name: the layer's; None takes the last one that the answer depends on.

    Returns:
        The layer, and rows and columns of the patches where its output is `(batch, 1 + patches, width)`, else None.

    Raises:
        ValueError: a model without such a layer, an unknown name, or a layer that gives no value at each place.
    """
    # What computes features beside the registered model has a scale of time of its own.
    whole = model.get_layer("trunk") if isinstance(model, FeatureModel) else model
    layers = list(_layers(whole))
    dimensions = len(model.inputs[0].shape)
    if name is not None:
        named = [(owner, layer) for owner, layer in layers if layer.name == name]
        if not named:
            raise unknown_name("layer", name, {layer.name for _, layer in layers})
        owner, layer = named[0]
        if not _keeps_places(owner, layer, dimensions):
            shape = tuple(layer.output.shape)
            raise ValueError(f"Expected a layer that keeps the input's places. Received: {name!r}, output={shape}.")
        return layer, _grid(owner, layer, dimensions)
    for owner, layer in reversed(layers):
        if _keeps_places(owner, layer, dimensions) and layer not in _after_the_last_look(owner):
            return layer, _grid(owner, layer, dimensions)
    raise ValueError(
        f"Expected a model with a layer that keeps the {'time axis' if dimensions == 3 else 'height and width'} of its "
        f"input. Received: {model.name!r}, which has none."
    )


def _layers(model: Any) -> Iterator[tuple[Any, Any]]:
    """Each layer with the model that it is directly in, in the order of the graph."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _layers(layer)
        elif not isinstance(layer, keras.layers.InputLayer):
            yield model, layer


def _keeps_places(owner: Any, layer: Any, dimensions: int) -> bool:
    if not isinstance(layer.output, keras.KerasTensor):
        return False
    if _grid(owner, layer, dimensions) is not None:
        return True
    shape = layer.output.shape
    # A single place, such as what a pool with kept axes leaves, tells nothing of where.
    return len(shape) == dimensions and any(size != 1 for size in shape[1:-1])


def _grid(owner: Any, layer: Any, dimensions: int) -> tuple[int, int] | None:
    rows, columns = getattr(owner, "grid", None) or (0, 0)
    tokens = dimensions == 4 and rows > 0 and tuple(layer.output.shape[1:-1]) == (1 + rows * columns,)
    return (rows, columns) if tokens else None


def _after_the_last_look(owner: Any) -> list[Any]:
    """Layers whose patches no longer reach the answer, which is told from the class token."""
    pools = [layer for layer in owner.layers if isinstance(layer, TokenPooling)]
    if not pools or pools[-1].kind != "token":
        return []
    return owner.layers[owner.layers.index(attention_layers(owner)[-1]) :]
