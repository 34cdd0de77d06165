"""Beginning with the weights of a trained model, and training a part of it."""

import hashlib
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from kerashar.optimizers.layer_decay import layer_depths
from kerashar.training.evaluation import predict_logits


def start_from(model: keras.Model, trained: keras.Model, keep_head: bool = False) -> None:
    """Give a model the weights of a trained one of the same make, the figures of its normalisation included.

    Use it in a training loop of your own; a recipe's `start` does the same.

    Args:
        model: new, of any classes.
        trained: the same model of other classes, or its backbone.
        keep_head: whether the layers that give the outputs take their weights too, as where the classes are the same.
            Else they begin anew.

    Raises:
        ValueError: a layer that the trained model lacks, or has in another shape; nothing is changed then.

    Example:
        >>> from kerashar.models import create_model
        >>> backbone = create_model("modern_tcn", (64, 3), 0, hidden=8, blocks=1)
        >>> start_from(create_model("modern_tcn", (64, 3), 5, hidden=8, blocks=1), backbone)
    """
    depths = layer_depths(model)
    theirs = dict(_layers(trained))
    taken = []
    for path, layer in _layers(model):
        if not keep_head and _depth(layer, depths) == 0:
            continue
        shapes = [tuple(weight.shape) for weight in layer.weights]
        found = [tuple(weight.shape) for weight in theirs[path].weights] if path in theirs else None
        if shapes != found:
            what = "no such layer" if found is None else f"weights of {found}"
            raise ValueError(
                f"Expected a trained model with the layer {path!r} and its weights of {shapes}, as {model.name!r} has. "
                f"Received: {trained.name!r} with {what}. Build both with the same settings, channels and features."
            )
        taken.append((layer, theirs[path]))
    for layer, source in taken:
        layer.set_weights(source.get_weights())


def freeze_below(model: keras.Model, depth: int) -> None:
    """Train only the layers that have at most `depth` layers with kernels between them and the output.

    Use it ahead of `compile`; a recipe's `trained_depth` does the same. Frozen layers also keep the statistics of
    their batch normalisation.

    Args:
        model: a Functional model, such as those of `create_model`.
        depth: 0 trains the head alone.

    Raises:
        ValueError: a model without a graph, or a negative depth.

    Example:
        >>> from kerashar.models import create_model
        >>> model = create_model("modern_tcn", (64, 3), 5, hidden=8, blocks=2)
        >>> freeze_below(model, 0)
        >>> [weight.path for weight in model.trainable_variables]
        ['logits/kernel', 'logits/bias']
    """
    if depth < 0:
        raise ValueError(f"Expected a depth of at least 0. Received: depth={depth}.")
    layers = [layer for _, layer in _layers(model)]
    for layer in layers:
        layer.trainable = True
    depths = layer_depths(model)
    for layer in layers:
        layer.trainable = _depth(layer, depths) <= depth


def extract_features(model: keras.Model, windows: np.ndarray, batch_size: int = 256) -> np.ndarray:
    """What a model knows of windows ahead of its logits, `(n, features)`.

    Use it for a classifier of scikit-learn, for neighbours, or for a picture of the classes.

    Args:
        model: with a layer named `logits`, or a backbone, whose outputs are the features.
        windows: `(n, time, channels)` in the model's units.
        batch_size: windows in one step.

    Raises:
        ValueError: windows of another shape than the model takes, or windows that are not finite.

    Example:
        >>> from kerashar.models import create_model
        >>> model = create_model("modern_tcn", (64, 3), 5, hidden=8, blocks=1)
        >>> extract_features(model, np.zeros((4, 64, 3), "float32")).shape
        (4, 8)
    """
    heads = [layer for layer in model.layers if layer.name == "logits"]
    backbone = keras.Model(model.input, heads[0].input) if heads else model
    return predict_logits(backbone, windows, batch_size)


def weights_digest(model: keras.Model) -> str:
    """Hash of a model's weights: what a resumed run must find unchanged, however its file was written."""
    digest = hashlib.sha256()
    for weights in model.get_weights():
        digest.update(weights.tobytes())
    return digest.hexdigest()


def _layers(model: keras.Model, path: str = "") -> Iterator[tuple[str, Any]]:
    """The layers with weights of a model and of the models in it, by their names from the outside in."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _layers(layer, f"{path}{layer.name}/")
        elif layer.weights:
            yield f"{path}{layer.name}", layer


def _depth(layer: Any, depths: dict[int, int]) -> float:
    """How deep a layer is; without weights that learn, such as a normalisation of signals, it is deeper than all."""
    return min((depths[id(weight)] for weight in layer.trainable_variables), default=float("inf"))
