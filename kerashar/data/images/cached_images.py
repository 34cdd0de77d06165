"""Images decoded once and kept."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from filelock import FileLock

from kerashar.data.cache import cache_folder
from kerashar.data.images.decode_images import decode_images, load_images
from kerashar.data.images.find_images import find_images
from kerashar.data.images.image_set import ImageSet
from kerashar.data.images.known_images import image_source


def cached_images(
    source: Path | str,
    size: int | Sequence[int] = (32, 32),
    *,
    channels: Literal[1, 3] = 3,
    labels: Path | str | None = None,
    label: str | None = None,
    target: str | None = None,
    group: str | None = None,
    cache: Path | str | None = None,
) -> ImageSet:
    """The images of a folder or zip, decoded at the first call and read from the cache after.

    Use it where the same images are trained on again and again. They are decoded anew once a file, the table of labels
    or a setting changes.

    Args:
        source: as for `find_images`.
        size: height and width in pixels; one number for both.
        channels: as for `decode_images`.
        labels: as for `find_images`.
        label: as for `find_images`.
        target: as for `find_images`.
        group: as for `find_images`.
        cache: folder to keep them in; None takes the variable KERASHAR_CACHE, or the user's cache.

    Raises:
        FileNotFoundError: there is no such folder, zip or table.
        ValueError: a layout that isn't clear, or too many files that can't be decoded.
        OSError: the cache can't be written.

    Example:
        >>> cached_images("cifar10_images.zip").image_shape  # doctest: +SKIP
        (32, 32, 3)
    """
    height, width = (size, size) if isinstance(size, int) else size
    files = find_images(image_source(source, cache), labels=labels, label=label, target=target, group=group)
    facts = {
        "files": files.source.state(files.paths.tolist()),
        "size": [height, width],
        "channels": channels,
        "table": None if labels is None else hashlib.sha256(Path(labels).read_bytes()).hexdigest(),
        "columns": [label, target, group],
    }
    key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]
    kept = cache_folder(cache) / "images" / f"{files.source.path.stem}-{key}.npy"
    kept.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(kept.with_suffix(".lock")):  # of two processes one decodes
        if not kept.with_suffix(".json").exists():  # written last
            left_out = kept.with_name(f"{kept.stem}-left_out.csv")
            decode_images(files, (height, width), channels=channels, out=kept, quarantine=left_out)
    return load_images(kept)
