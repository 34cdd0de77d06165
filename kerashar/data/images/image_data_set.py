"""What is known about a data set of images, and how its files are made."""

import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock

from kerashar.data.cache import cache_folder
from kerashar.files import write_atomically


@dataclass(frozen=True)
class ImageDataSet:
    """What is known about a data set of images that an installed package carries, and how its files are made.

    Use it to add one: its zip of class folders is then read as any other.

    Args:
        name: what stands for a folder or zip of images, in `find_images`, recipes and on the command line.
        title: one line about it.
        note: what a user should know of its images and splits.
        citation: what its authors ask to be cited.
        licence: the terms, as its publisher states them.
        url: where it comes from.
        size: height and width in pixels.
        class_names: the classes, in the order of the labels.
        images: gives path and grey or RGB pixels of each image, such as `("train/7/0007.png", pixels)`.
    """

    name: str
    title: str
    note: str
    citation: str
    licence: str
    url: str
    size: tuple[int, int]
    class_names: tuple[str, ...]
    images: Callable[[], Iterable[tuple[str, np.ndarray]]]

    def zip_file(self, cache: Path | str | None = None) -> Path:
        """The zip of class folders, written at the first call; one that is cut off is written anew.

        Args:
            cache: folder to keep it in; None takes the variable KERASHAR_CACHE, or the user's cache.

        Raises:
            OSError: the cache can't be written.
        """
        path = cache_folder(cache) / "image_sets" / f"{self.name}.zip"
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):  # of two processes one writes
            if not zipfile.is_zipfile(path):
                write_atomically(path, self._write)
        return path

    def _write(self, path: Path) -> None:
        from PIL import Image

        with zipfile.ZipFile(path, "w") as archive:
            for name, pixels in self.images():
                with archive.open(name, "w") as file:
                    Image.fromarray(pixels).save(file, "PNG")
