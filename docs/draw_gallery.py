"""Draw every feature and augmentation: the pictures of docs/features.md.

    python docs/draw_gallery.py                                  # a made-up walk, and a photograph of scikit-learn
    python docs/draw_gallery.py --hapt hapt.zip --images cifar10_images.zip --folder my_pictures    # real data

The terms of the data sets forbid to pass recordings on, so the pictures in this folder are of the made-up walk.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("agg")

from matplotlib import pyplot as plt
from PIL import Image

from kerashar.choose_backend import choose_backend

choose_backend("torch")

from keras import ops

from kerashar.features import Augmentation, Feature, Mixing, create_augmentations, create_features
from kerashar.features.registry import AUGMENTATIONS, FEATURES

RATE = 50.0  # Hz
SETTINGS: dict[str, Any] = {
    "wavelet_transform": {"wavelet": "db2", "level": 4},
    "power_spectral_density": {"segment": 64},
    "spectrogram": {"segment": 32, "hop": 8},
    "frequency_bands": {"segment": 64, "hop": 8},
}
ON_IMAGES: dict[str, Any] = {"wavelet_transform": {"wavelet": "db2", "level": 2}}
COLUMNS = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hapt", help="the publisher's archive of HAPT: draw a real window")
    parser.add_argument("--images", help="folder or zip of images in class folders: draw four of them")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent / "pictures")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    windows = hapt_windows(options.hapt) if options.hapt else walks()
    images = zipped_images(options.images) if options.images else photographs()
    features, augmentations = by_input(FEATURES), by_input(AUGMENTATIONS)
    draw(features["signals"], windows, draw_signal_feature, 2.1, options.folder / "signal_features.png")
    draw(features["images"], images, draw_image_feature, 1.6, options.folder / "image_features.png")
    path = options.folder / "signal_augmentations.png"
    draw(augmentations["signals"], windows, draw_signal_augmentation, 1.7, path)
    draw(augmentations["images"], images, draw_image_augmentation, 1.3, options.folder / "image_augmentations.png")


def by_input(table: dict[str, str]) -> dict[str, list[Any]]:
    """The features or augmentations of a table that take signals, and those that take images."""
    sorted_out: dict[str, list[Any]] = {"signals": [], "images": []}
    for name in sorted(table):
        for kind, dimension in (("signals", 1), ("images", 2)):
            settings = {**SETTINGS, **(ON_IMAGES if dimension == 2 else {})}.get(name, True)
            layer = made(table, name, settings)
            if dimension in layer.dimensions:
                sorted_out[kind].append(layer)
    return sorted_out


def made(table: dict[str, str], name: str, settings: Any) -> Any:
    if table is FEATURES:
        return create_features({name: settings}, RATE)[0]
    return create_augmentations({name: settings}, seed=2)[0]


def draw(
    layers: list[Any], data: np.ndarray, draw_one: Callable[[Any, Any, np.ndarray], None], height: float, path: Path
) -> None:
    rows = -(-len(layers) // COLUMNS)
    size = (3.2 * COLUMNS, height * rows)
    figure, axes = plt.subplots(rows, COLUMNS, figsize=size, layout="constrained", squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, layer in zip(axes.flat, layers, strict=False):
        axis.set_title(type(layer).__name__, fontsize=10)
        draw_one(axis, layer, data)
    figure.savefig(path, dpi=70)
    plt.close(figure)


# === One picture each ===


def draw_signal_feature(axis: Any, feature: Feature, windows: np.ndarray) -> None:
    values = feature.array(windows)[0]
    axis.set_axis_on()
    axis.tick_params(labelsize=6)
    if values.ndim == 1:
        axis.bar(np.arange(len(values)), values, width=1.0)
    elif values.shape[1] > 9:
        spread = np.ptp(values, axis=0)
        rows = (values - values.min(axis=0)) / np.where(spread > 0, spread, 1)  # each row in its own range
        axis.imshow(rows.T, aspect="auto", origin="lower", interpolation="nearest")
    else:
        axis.plot(values, linewidth=0.8)


def draw_image_feature(axis: Any, feature: Feature, images: np.ndarray) -> None:
    values = feature.array(images)[0]
    shown = [values[..., first : first + 3] for first in range(0, values.shape[-1] - 2, 3)] or [values]
    axis.imshow(np.concatenate([picture(part) for part in shown[:4]], axis=1))


def draw_signal_augmentation(axis: Any, augmentation: Augmentation, windows: np.ndarray) -> None:
    axis.plot(windows[0, :, 0], color="lightgray", linewidth=2)
    for changed in applied(augmentation, windows)[:2]:
        axis.plot(changed[:, 0], linewidth=0.8)


def draw_image_augmentation(axis: Any, augmentation: Augmentation, images: np.ndarray) -> None:
    changed = np.clip(applied(augmentation, images)[:3], 0, 255).astype("uint8")
    axis.imshow(np.concatenate(list(changed), axis=1))


def applied(augmentation: Augmentation, samples: np.ndarray) -> np.ndarray:
    if isinstance(augmentation, Mixing):
        targets = np.eye(len(samples), dtype="float32")
        return ops.convert_to_numpy(augmentation((samples, targets), training=True)[0])
    return ops.convert_to_numpy(augmentation(np.repeat(samples[:1], 4, axis=0), training=True))


def picture(values: np.ndarray) -> np.ndarray:
    lowest, highest = values.min(), values.max()
    return np.repeat((values - lowest) / max(highest - lowest, 1e-9), 3 if values.shape[-1] == 1 else 1, axis=-1)


# === Data ===


def walks() -> np.ndarray:
    """Windows of a made-up walk: acceleration in g with gravity, then angular rate in rad/s."""
    generator = np.random.default_rng(3)
    seconds = np.arange(128) / RATE
    made_up = []
    for steps_per_second in (1.8, 2.2, 1.6, 2.0):
        phase = 2 * np.pi * steps_per_second * seconds + generator.uniform(0, 6.28)
        impact = np.exp(4 * (np.cos(phase) - 1))  # the heel strikes
        channels = [
            0.6 * impact + 0.1 * np.sin(phase / 2),
            0.2 * np.sin(phase) + 0.1 * np.sin(phase / 2),
            1 + 0.3 * impact,
            0.8 * np.sin(phase / 2),
            0.3 * np.sin(phase + 1),
            0.4 * impact,
        ]
        made_up.append(np.stack(channels, axis=1) + generator.normal(0, 0.02, (128, 6)))
    return np.array(made_up, "float32")


def photographs() -> np.ndarray:
    from sklearn.datasets import load_sample_image

    whole = Image.fromarray(load_sample_image("china.jpg"))
    parts = [(0, 0), (160, 60), (220, 100), (100, 120)]
    crops = [whole.crop((left, top, left + 300, top + 300)).resize((64, 64)) for left, top in parts]
    return np.stack([np.asarray(crop, "float32") for crop in crops])


def hapt_windows(archive: str) -> np.ndarray:
    from kerashar.data import load_windows

    windows = load_windows("hapt", archive=archive)
    walking = windows.windows[windows.labels == windows.class_names.index("walking")]
    return walking[:4]


def zipped_images(archive: str) -> np.ndarray:
    from kerashar.data.images import decode_images, find_images

    files = find_images(archive)
    return decode_images(files.select(np.arange(4) * (len(files) // 4))).images.astype("float32")


if __name__ == "__main__":
    main()
