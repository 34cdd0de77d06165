"""Which places attention gathers from, through all of a model's blocks."""

from itertools import takewhile
from typing import Any

import keras
import numpy as np

from kerashar.explanations.maps import check_one_model, checked_samples, finished
from kerashar.layers import GlobalPooling1D, SelfAttention, TransformerBlock
from kerashar.layers.images import MetaFormerBlock, TokenPooling, VisionTransformerBlock
from kerashar.models.attention_weights import attention_layers, attention_weights
from kerashar.models.feature_model import FeatureModel
from kerashar.models.headed_model import HeadedModel

# All they do to places is attention, and a shortcut past it.
_BLOCKS = (SelfAttention, TransformerBlock, VisionTransformerBlock, MetaFormerBlock)


def attention_rollout(model: keras.Model, samples: np.ndarray) -> np.ndarray:
    """Map which moments or places a transformer's answer was gathered from, whatever the class.

    Use it on `vit_*`, `eva02_*` and `cnn_transformer`. `caformer_*` only attends once the image is small: the map is
    that of its last stage. `grad_cam` also tells classes apart, and takes other models.

    Args:
        model: one of these, also behind features or with a head of one's own.
        samples: windows `(n, time, channels)` or images `(n, height, width, channels)` as the model takes them.

    Returns:
        float32 `(n, time)` or `(n, height, width)`, each with a largest value of 1.

    Raises:
        ValueError: samples of another shape or not finite, or a model that doesn't end in blocks of attention.

    Example:
        >>> from kerashar.models import create_model
        >>> model = create_model("vit_tiny", (32, 32, 3), 6, width=16, depth=2, heads=2)
        >>> attention_rollout(model, np.zeros((2, 32, 32, 3))).shape
        (2, 32, 32)

    Reference:
        Abnar and Zuidema, "Quantifying Attention Flow in Transformers", 2020: the mean over heads plus the shortcut,
        each row brought to a sum of 1, multiplied over the blocks. The map is the class token's row, or the mean over
        the rows of what is pooled, whatever the pool's own weights; of a pool that takes the last step its row.
    """
    check_one_model(model)
    samples = checked_samples(model, samples)
    trunk, inputs = _trunk(model, samples)
    blocks = _last_blocks(trunk)
    weights = attention_weights(trunk, inputs)
    rolled = np.eye(weights[blocks[0].name].shape[-1])
    for block in blocks:
        attention = weights[block.name].mean(axis=1) + np.eye(rolled.shape[-1])  # (n, places, places)
        rolled = attention / attention.sum(axis=-1, keepdims=True) @ rolled
    if len(blocks[0].input.shape) == 4:
        maps = rolled.mean(axis=1).reshape(-1, *blocks[0].input.shape[1:3])
    elif samples.ndim == 4:
        pool = next(layer for layer in trunk.layers if isinstance(layer, TokenPooling))
        rows = rolled[:, 0] if pool.kind == "token" else rolled[:, 1:].mean(axis=1)
        maps = rows[:, 1:].reshape(-1, *trunk.grid)
    else:
        last = any(isinstance(layer, GlobalPooling1D) and layer.kind == "last" for layer in trunk.layers)
        maps = rolled[:, -1] if last else rolled.mean(axis=1)
    return finished(maps, samples.shape[1:-1])


def _trunk(model: keras.Model, samples: np.ndarray) -> tuple[Any, np.ndarray]:
    """The registered model within another, and what it gets of the samples."""
    if isinstance(model, FeatureModel) and model.features.mode in ("channels", "replace"):
        samples = keras.Model(model.input, model.get_layer("features").output).predict(samples, verbose=0)
    return (model.get_layer("trunk") if isinstance(model, FeatureModel | HeadedModel) else model), samples


def _last_blocks(model: Any) -> list[Any]:
    """The blocks of attention in a row that come last, in order: between them nothing else moves places."""
    attending = [layer for layer in attention_layers(model) if isinstance(layer, _BLOCKS)]
    if not attending:
        raise ValueError(
            "Expected a model of attention blocks, such as vit_tiny or cnn_transformer; grad_cam takes others. "
            f"Received: {model.name!r}, which has none."
        )
    before = model.layers[model.layers.index(attending[-1]) :: -1]
    return list(takewhile(lambda layer: layer in attending, before))[::-1]
