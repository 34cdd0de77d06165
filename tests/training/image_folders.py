"""Small made-up images that a model can learn in seconds, in memory and as files."""

from pathlib import Path

import numpy as np
from PIL import Image

from kerashar.data.images import ImageSet, ImageSplit, split_images

COLOURS = {"blue": (60, 60, 200), "green": (60, 200, 60), "red": (200, 60, 60)}
SIZE = 8


def make_images(each: int = 16, groups: int | None = None, seed: int = 0) -> ImageSet:
    """Noise around the colour of each class, `(n, 8, 8, 3)`; with `groups` so many of them, each of all classes."""
    generator = np.random.default_rng(seed)
    labels = np.arange(3 * each) % 3
    pixels = np.array(list(COLOURS.values()))[labels][:, None, None] + generator.normal(
        0, 40, (3 * each, SIZE, SIZE, 3)
    )
    return ImageSet(
        images=np.clip(pixels, 0, 255).astype("uint8"),
        names=[f"{number:03}.png" for number in range(3 * each)],
        labels=labels,
        class_names=tuple(COLOURS),
        groups=None if groups is None else [f"person {number // 3 % groups}" for number in range(3 * each)],
    )


def make_image_split(**settings) -> ImageSplit:
    return split_images(make_images(**settings), test=0.25, validation_share=0.25)


def write_numbers(folder: Path, images: ImageSet, numbers: np.ndarray) -> Path:
    """All images in one folder, and beside it a table with the number of each in its column `angle`; its path."""
    folder.mkdir(parents=True)
    lines = ["name,angle"]
    for pixels, name, number in zip(images.images, images.names, numbers, strict=True):
        Image.fromarray(pixels).save(folder / str(name))
        lines.append(f"{name},{number}")
    table = folder.with_suffix(".csv")
    table.write_text("\n".join(lines))
    return table


def write_images(folder: Path, images: ImageSet) -> Path:
    """Class folders of the images."""
    for pixels, name, label in zip(images.images, images.names, images.labels, strict=True):
        path = folder / images.class_names[label] / str(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return folder
