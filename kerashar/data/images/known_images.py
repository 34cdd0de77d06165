"""The data sets of images that kerashar knows."""

from pathlib import Path

from kerashar.data.images.digits import DIGITS

KNOWN_IMAGES = {known.name: known for known in (DIGITS,)}


def image_source(source: Path | str, cache: Path | str | None = None) -> Path:
    """Where the images are: a path is itself, and the name of a known data set its zip in the cache.

    One's own folder or file of that name wins, since nobody should train on other images than those named.

    Example:
        >>> image_source("photos").name
        'photos'
    """
    path = Path(source)
    known = KNOWN_IMAGES.get(str(path))
    return path if known is None or path.exists() else known.zip_file(cache)
