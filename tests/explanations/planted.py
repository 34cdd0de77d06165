"""Samples in which it is known what tells the classes apart and where it is."""

import keras
import numpy as np

BLOB, BURST = 5, 24  # pixels along a side, and samples
SIDE, TIME = 24, 96


def planted_images(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Noisy images with a red square somewhere, a green one, or none; which, one-hot, and masks of where it is."""
    generator = np.random.default_rng(seed)
    images = generator.uniform(60, 120, (count, SIDE, SIDE, 3)).astype("float32")
    masks = np.zeros((count, SIDE, SIDE), bool)
    targets = np.eye(3, 2, dtype="float32")[np.arange(count) % 3]
    for image, mask, target in zip(images, masks, targets, strict=True):
        row, column = generator.integers(0, SIDE - BLOB, 2)
        mask[row : row + BLOB, column : column + BLOB] = target.any()
        image[mask, target.argmax()] = 250
    return images, targets, masks


def planted_windows(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Noisy windows with a fast burst at some time, a slow one, or none; which, one-hot, and masks of when it is."""
    generator = np.random.default_rng(seed)
    windows = generator.normal(0, 0.1, (count, TIME, 2)).astype("float32")
    masks = np.zeros((count, TIME), bool)
    targets = np.eye(3, 2, dtype="float32")[np.arange(count) % 3]
    for window, mask, target in zip(windows, masks, targets, strict=True):
        start = generator.integers(0, TIME - BURST)
        mask[start : start + BURST] = target.any()
        window[mask, 0] += np.sin(2 * np.pi * np.arange(mask.sum()) / (4, 12)[target.argmax()])
    return windows, targets, masks


def learn(model: keras.Model, samples: np.ndarray, targets: np.ndarray, epochs: int) -> None:
    """Train each logit by itself, so that it says what is there: of two classes one could be where the other is not."""
    model.get_layer("normalization").fit(samples)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-2), loss, jit_compile=False)
    model.fit(samples, targets, batch_size=16, epochs=epochs, verbose=0)


def right(model: keras.Model, samples: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Which samples have something planted that the model finds."""
    logits = model.predict(samples, verbose=0)
    return targets.any(axis=1) & ((logits > 0) == targets).all(axis=1)


def shares_inside(maps: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """The share of each map that lies inside its mask."""
    axes = tuple(range(1, maps.ndim))
    return (maps * masks).sum(axis=axes) / maps.sum(axis=axes)
