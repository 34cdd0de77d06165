"""Draw what models look at: the pictures of docs/explanations.md.

    python docs/draw_explanations.py                                               # made-up images and windows
    python docs/draw_explanations.py --images cifar10_images.zip --folder my_pictures    # real images

The models train for less than a minute. Data sets may not be passed on: the pictures in this folder are made up.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from kerashar.choose_backend import choose_backend

choose_backend("torch")

import keras

from kerashar.data.images import decode_images, find_images
from kerashar.explanations import (
    channel_importance,
    draw_explanations,
    draw_importance,
    grad_cam,
    integrated_gradients,
    occlusion,
)
from kerashar.models import create_model

SHAPES = ("disc", "square", "ring")
BURSTS = {"slow burst": 16, "fast burst": 5}  # samples of a period
CHANNELS = ("wrist_x", "wrist_y", "wrist_z", "hip_x", "hip_y", "hip_z")
SHOWN = 6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", help="folder or zip of images in class folders under train and test")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent / "pictures")
    options = parser.parse_args()
    keras.utils.set_random_seed(0)
    images, labels, unseen, names = real_images(options.images) if options.images else shapes()
    model = create_model("plain_cnn", images.shape[1:], len(names), widths=(16, 32, 64), convolutions=1)
    train(model, images, labels, 8)
    draw_explanations(unseen, grad_cam(model, unseen), options.folder / "grad_cam.png", said(model, unseen, names))
    windows, labels = bursts(300)
    model = create_model("resnet1d", windows.shape[1:], len(BURSTS), width=8, depth=2)
    train(model, windows, labels, 6)
    maps = grad_cam(model, windows[:2])
    draw_explanations(windows[:2], maps, options.folder / "grad_cam_signals.png", said(model, windows[:2], [*BURSTS]))
    draw_sensors(options.folder)


def draw_sensors(folder: Path) -> None:
    """What is hidden, what each value adds and what each channel is worth, of bursts in one sensor of two."""
    windows, labels = sensors(480)
    model = create_model("resnet1d", windows.shape[1:], len(BURSTS) + 1, width=8, depth=2)
    train(model, windows[:300], labels[:300], 25)
    shown = windows[300:302]
    titles = said(model, shown, [*BURSTS, "nothing"])
    draw_explanations(shown, occlusion(model, shown), folder / "occlusion.png", titles)
    maps = integrated_gradients(model, shown)
    draw_explanations(shown, maps, folder / "integrated_gradients.png", titles, CHANNELS)
    groups = {"wrist, all": (0, 1, 2), "hip, all": (3, 4, 5)} | {name: (at,) for at, name in enumerate(CHANNELS)}
    importance = channel_importance(model, windows[300:], labels[300:], groups)
    draw_importance(importance, folder / "channel_importance.png")


def train(model: keras.Model, samples: np.ndarray, labels: np.ndarray, epochs: int) -> None:
    model.get_layer("normalization").fit(samples)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(3e-3), loss, metrics=["accuracy"])
    model.fit(samples, labels, batch_size=64, epochs=epochs, verbose=2)


def said(model: keras.Model, samples: np.ndarray, names: list[str]) -> list[str]:
    return [names[number] for number in model.predict(samples, verbose=0).argmax(axis=1)]


# === Data ===


def real_images(source: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    files = find_images(source)
    generator = np.random.default_rng(0)
    learnt, unseen = (
        decode_images(files.select(generator.choice(np.flatnonzero(files.sides == side), count, replace=False)))
        for side, count in (("train", 6000), ("test", SHOWN))
    )
    return learnt.images.astype("float32"), learnt.labels, unseen.images.astype("float32"), list(files.class_names)


def shapes() -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Images of one shape each, in any colour, place and size, on a coarse pattern."""
    generator = np.random.default_rng(0)
    labels = np.arange(1500) % len(SHAPES)
    images = np.stack([shape(SHAPES[label], generator) for label in labels]).astype("float32")
    return images[SHOWN:], labels[SHOWN:], images[:SHOWN], list(SHAPES)


def shape(kind: str, generator: np.random.Generator) -> np.ndarray:
    pattern = generator.integers(60, 160, (6, 6, 3)).astype("uint8")
    image = Image.fromarray(pattern).resize((32, 32), Image.Resampling.BICUBIC)
    size = int(generator.integers(9, 14))
    left, top = generator.integers(1, 31 - size, 2)
    box = (left, top, left + size, top + size)
    colour = tuple(generator.choice([20, 240], 3).tolist())
    draw = ImageDraw.Draw(image)
    if kind == "square":
        draw.rectangle(box, fill=colour)
    else:
        draw.ellipse(box, fill=colour if kind == "disc" else None, outline=colour, width=2)
    return np.asarray(image)


def bursts(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Windows of noise with one burst each, slow or fast."""
    generator = np.random.default_rng(0)
    windows = generator.normal(0, 0.15, (count, 128, 3)).astype("float32")
    labels = np.arange(count) % len(BURSTS)
    for window, label in zip(windows, labels, strict=True):
        start = generator.integers(0, 128 - 32)
        phase = 2 * np.pi * np.arange(32) / [*BURSTS.values()][label]
        window[start : start + 32] += np.hanning(32)[:, None] * np.sin(phase[:, None] + np.arange(3))
    return windows, labels


def sensors(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Windows of two sensors, of which the wrist's two last axes have a burst, slow or fast, or none."""
    generator = np.random.default_rng(1)
    windows = generator.normal(0, 0.15, (count, 128, 6)).astype("float32")
    labels = np.arange(count) % 3
    for window, label in zip(windows, labels, strict=True):
        start = generator.integers(0, 128 - 32)
        if label < len(BURSTS):
            phase = 2 * np.pi * np.arange(32) / [*BURSTS.values()][label]
            window[start : start + 32, 1:3] += (np.hanning(32) * np.sin(phase))[:, None] * (1, 0.5)
    return windows, labels


if __name__ == "__main__":
    main()
