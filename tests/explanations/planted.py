"""Samples in which it is known what tells the classes apart and where it is, and how well explanations find it."""

from collections.abc import Callable
from functools import cache
from typing import Any

import keras
import numpy as np

from kerashar.models import create_model
from kerashar.models.ridge_model import RidgeModel

BLOB, BURST = 5, 24  # pixels along a side, and samples
SIDE, TIME = 24, 96
NOTHING = 2  # the class without anything planted
Planted = tuple[np.ndarray, np.ndarray, np.ndarray]


def planted_images(count: int, seed: int = 0) -> Planted:
    """Noisy images with a red square somewhere, a green one, or none; which, and masks of where it is."""
    generator = np.random.default_rng(seed)
    images = generator.uniform(60, 120, (count, SIDE, SIDE, 3)).astype("float32")
    labels = np.arange(count) % 3
    masks = np.zeros((count, SIDE, SIDE), bool)
    for image, mask, label in zip(images, masks, labels, strict=True):
        row, column = generator.integers(0, SIDE - BLOB, 2)
        mask[row : row + BLOB, column : column + BLOB] = label != NOTHING
        image[mask, label] = 250
    return images, labels, masks


def planted_windows(count: int, seed: int = 0) -> Planted:
    """Noisy windows with a fast burst at some time in one of two channels, a slow one, or none; which, and masks."""
    generator = np.random.default_rng(seed)
    windows = generator.normal(0, 0.1, (count, TIME, 2)).astype("float32")
    labels = np.arange(count) % 3
    masks = np.zeros(windows.shape, bool)
    for window, mask, label in zip(windows, masks, labels, strict=True):
        start, channel = generator.integers(0, TIME - BURST), generator.integers(2)
        mask[start : start + BURST, channel] = label != NOTHING
        window[mask] += np.sin(2 * np.pi * np.arange(mask.sum()) / (4, 12, 1)[label])
    return windows, labels, masks


# === Models that learn them in seconds ===

# Which samples, how many, for how many epochs, and the model's settings.
MODELS: dict[str, tuple[Callable[..., Planted], int, int, dict[str, Any]]] = {
    "resnet1d": (planted_windows, 96, 12, {"width": 8, "depth": 2, "blocks": 1, "dropout": 0.0}),
    "cnn_transformer": (
        planted_windows,
        192,
        12,
        {"width": 8, "depth": 1, "blocks": 1, "heads": 1, "dropout": 0.0},
    ),
    "mini_rocket": (planted_windows, 192, 1, {"num_features": 504}),
    "plain_cnn": (planted_images, 192, 12, {"widths": (8, 16), "convolutions": 1, "dropout": 0.0}),
    # A patch of four pixels is as fine as its maps can be.
    "vit_tiny": (
        planted_images,
        192,
        20,
        {"width": 16, "depth": 2, "heads": 2, "patch_size": 4, "stochastic_depth": 0.0},
    ),
}


@cache
def trained(name: str, seed: int = 0, **changed: Any) -> keras.Model:
    """A model that has learnt one of these; made once."""
    planted, count, epochs, settings = MODELS[name]
    keras.utils.set_random_seed(seed)
    samples, labels, _ = planted(count)
    model = create_model(name, samples.shape[1:], 3, **{**settings, **changed})
    model.get_layer("normalization").fit(samples)
    # Each logit by itself, so that it says what is there: softmax also learns where the others are not.
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-2), loss, jit_compile=False)
    targets = labels if isinstance(model, RidgeModel) else np.eye(3, dtype="float32")[labels]
    model.fit(samples, targets, batch_size=16, epochs=epochs, verbose=0)
    return model


# === How well explanations find them ===


def found(model: keras.Model, planted: Callable[..., Planted]) -> Planted:
    """Samples unlike those of the training that have something planted, and that the model gets right."""
    samples, labels, masks = planted(48, seed=1)
    right = (labels != NOTHING) & (model.predict(samples, verbose=0).argmax(axis=1) == labels)
    assert right.sum() > 24, f"only {right.sum()} of 32 are found"
    return samples[right], labels[right], masks[right]


def localisation(explain: Callable[..., np.ndarray], name: str, seed: int = 0, **changed: Any) -> dict[str, float]:
    """How much of a trained model's maps lies on what was planted; `chance` is what an even map has.

    `share` is the median over samples of the share of what speaks for the class, `peaks` how often the largest value
    lies there (the pointing game of Zhang et al., 2018). With a channel axis `stretch` and `channel` are the shares on
    the planted stretch in any channel, and on the planted channel at any time.
    """
    model = trained(name, seed, **changed)
    samples, _, masks = found(model, MODELS[name][0])
    maps = np.maximum(explain(model, samples), 0)
    sides = {}
    if masks.ndim > maps.ndim:
        masks = masks.any(axis=-1)
    elif masks.ndim == 3 and samples.ndim == 3:
        sides = {
            "stretch": np.broadcast_to(masks.any(axis=2, keepdims=True), masks.shape),
            "channel": np.broadcast_to(masks.any(axis=1, keepdims=True), masks.shape),
        }
    count = len(maps)
    flat = maps.reshape(count, -1)

    def share(inside: np.ndarray) -> float:
        return float(np.median((flat * inside.reshape(count, -1)).sum(axis=1) / np.maximum(flat.sum(axis=1), 1e-9)))

    peaks = masks.reshape(count, -1)[np.arange(count), flat.argmax(axis=1)]
    return {
        "chance": float(masks.mean()),
        "share": share(masks),
        "peaks": float(peaks.mean()),
        **{side: share(inside) for side, inside in sides.items()},
    }
