"""Images without labels."""

from pathlib import Path
from typing import Literal

import numpy as np

from kerashar.data.images.decode_images import decode_images
from kerashar.data.images.decode_report import DecodeReport
from kerashar.data.images.file_source import FileSource
from kerashar.data.images.find_images import SUFFIXES
from kerashar.data.images.image_files import ImageFiles
from kerashar.data.images.known_images import image_source


def unlabelled_images(
    source: Path | str, size: tuple[int, int], *, channels: Literal[1, 3] = 3
) -> tuple[np.ndarray, list[str], DecodeReport]:
    """Decode all images of a folder or zip, wherever in it they lie, or a single one; broken ones are left out.

    Use it for predictions.

    Args:
        source: the folder, zip or image, or the name of a known data set as for `find_images`.
        size: height and width in pixels.
        channels: 3 for RGB, 1 for grey.

    Returns:
        uint8 images `(n, height, width, channels)`, their paths in the source, and which files were left out, why.

    Raises:
        FileNotFoundError: there is no such folder or file.
        ValueError: no image in it, or none that can be decoded.

    Example:
        >>> images, names, report = unlabelled_images("photographs", (32, 32))  # doctest: +SKIP
    """
    path = image_source(source)
    single = path.suffix.lower() in SUFFIXES and not path.is_dir()
    files = FileSource(path.parent if single else path)
    paths = [path.name] if single else [each for each in files.list_files()[0] if each.lower().endswith(SUFFIXES)]
    if not paths:
        raise ValueError(f"Expected images ({', '.join(SUFFIXES)}) in {source}. Received: none.")
    names = np.array(paths)
    listed = ImageFiles(files, names, names, None, np.zeros(len(names), "float32"), (), names, np.full(len(names), ""))
    decoded = decode_images(listed, size, channels=channels, largest_share_left_out=1.0)
    report = decoded.report or DecodeReport(len(names), ())
    return decoded.images, decoded.names.tolist(), report
