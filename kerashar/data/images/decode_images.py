"""Decoding a listing of image files into one array, in parallel, with a report of what failed."""

import errno
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import numpy as np

from kerashar.data.images.decode_report import DecodeReport
from kerashar.data.images.image_files import ImageFiles
from kerashar.data.images.image_set import ImageSet
from kerashar.data.progress import show_progress
from kerashar.data.write_parts import write_parts
from kerashar.files import write_atomically, write_csv, write_json

_BLOCK = 256  # files in work at once, so that few decoded images wait in memory
_PASSING = {errno.EIO, errno.ETIMEDOUT, errno.ESTALE, errno.EAGAIN, errno.EINTR, errno.ECONNRESET, errno.ENETDOWN}
_PAUSES = (0.1, 0.5, 2.0)  # seconds before each further try: a network share that starts again takes a few


def decode_images(
    files: ImageFiles,
    size: tuple[int, int] = (32, 32),
    *,
    channels: Literal[1, 3] = 3,
    out: Path | str | None = None,
    quarantine: Path | str | None = None,
    resize: Literal["box", "lanczos"] = "box",
    largest_share_left_out: float = 0.01,
    max_pixels: int = 64_000_000,
    threads: int | None = None,
) -> ImageSet:
    """Decode a listing of image files into one array, in parallel, leaving out the files that are broken.

    Use it once, before training; `load_images` opens what it wrote. See `decode_image` for how transparency, grey,
    other depths and sizes are treated. A disk or network that fails for a moment is tried again. A file that can't
    be decoded is left out, never replaced, and listed in the `report` of the result with the reason.

    Args:
        files: from `find_images`.
        size: height and width in pixels.
        channels: 3 for RGB, 1 for grey.
        out: where to write the pixels, a `.npy` file, with a `.json` of names and labels beside it, whole or not
            at all; the result then stays on disk and is read where needed. None keeps it in memory.
        quarantine: where to write name and reason of the files that were left out, as CSV, if there are any, also
            when decoding stops.
        resize: "box" (mean of the pixels that fall into one) or "lanczos" (sharper).
        largest_share_left_out: share of the files beyond which decoding stops.
        max_pixels: images of more are left out before they are decoded.
        threads: how many decode at once; None takes one for each core.

    Returns:
        uint8 images `(images, height, width, channels)` with their labels or targets.

    Raises:
        ValueError: too large a share of the files can't be decoded, or an argument is out of range.
        OSError: the disk is full.

    Example:
        >>> files = find_images("cifar10_images.zip")  # doctest: +SKIP
        >>> images = decode_images(files, (32, 32), out="cifar10.npy")  # doctest: +SKIP
        >>> print(images.report)  # doctest: +SKIP
        All 55000 images decoded.
    """
    from kerashar.data.images.decode_image import decode_image  # loads Pillow

    _check_arguments(files, size, channels, out, resize, largest_share_left_out)

    def decode(index: int) -> np.ndarray | str:
        try:
            return decode_image(_read_patiently(files, index), size, channels, resize, max_pixels)
        except (OSError, ValueError) as error:
            return " ".join(str(error).split())

    kept: list[int] = []
    failed: list[tuple[str, str]] = []

    def decoded() -> Iterator[np.ndarray]:
        numbered = enumerate(_in_parallel(decode, len(files), threads or os.cpu_count() or 1))
        for index, result in show_progress(numbered, "Decoding images", len(files), sys.stderr):
            if isinstance(result, np.ndarray):
                kept.append(index)
                yield result
                continue
            failed.append((str(files.names[index]), result))
            if len(failed) > largest_share_left_out * len(files):
                raise ValueError(
                    f"Expected at most {largest_share_left_out:.2%} of {len(files)} images in {files.source.path} to "
                    f"be broken. Received: {len(failed)} among the first {index + 1}, such as {failed[0][0]!r} "
                    f"({failed[0][1]}). Mend or remove them, or allow more by largest_share_left_out=... "
                    "(on the command line --broken)."
                )

    shape = (*size, channels)
    try:
        if out is None:
            pixels = np.empty((len(files), *shape), dtype=np.uint8)
            for row, image in enumerate(decoded()):
                pixels[row] = image
            pixels = pixels[: len(kept)]
        else:
            _write_pixels(Path(out), decoded(), shape)
            pixels = np.load(out, mmap_mode="r")
    finally:
        if quarantine is not None:
            _write_quarantine(Path(quarantine), failed)
    if not kept:
        raise ValueError(f"Expected an image in {files.source.path} that can be decoded. Received: {failed[0][1]}.")
    listed = files.select(np.array(kept))
    images = ImageSet(
        images=pixels,
        labels=listed.labels,
        targets=listed.targets,
        class_names=listed.class_names,
        names=listed.names,
        groups=listed.groups,
        sides=listed.sides,
        report=DecodeReport(len(files), tuple(failed)),
    )
    if out is not None:
        write_json(_listing_path(Path(out)), _listing(images))
    return images


def load_images(path: Path | str) -> ImageSet:
    """Open what `decode_images` wrote; the pixels stay on disk until they are used.

    Raises:
        FileNotFoundError: the `.npy` file or the `.json` file beside it is missing.
        ValueError: the two don't belong together, or one is damaged.

    Example:
        >>> load_images("cifar10.npy").image_shape  # doctest: +SKIP
        (32, 32, 3)
    """
    path = Path(path)
    for part in (path, _listing_path(path)):
        if not part.is_file():
            raise FileNotFoundError(f"Expected decoded images at {path}, and their listing. Received: no file {part}.")
    try:
        pixels = np.load(path, mmap_mode="r", allow_pickle=False)
        listing = json.loads(_listing_path(path).read_text(encoding="utf-8"))
        report = listing.pop("report")
        return ImageSet(
            images=pixels,
            **listing,
            report=DecodeReport(report["found"], tuple((name, reason) for name, reason in report["quarantined"])),
        )
    except (ValueError, TypeError, KeyError, EOFError) as error:
        raise ValueError(
            f"Expected {path} and {_listing_path(path)} as decode_images writes them. Received: {error}. "
            "Decode the images again."
        ) from error


def _check_arguments(
    files: ImageFiles, size: tuple[int, int], channels: int, out: Path | str | None, resize: str, share: float
) -> None:
    if len(size) != 2 or min(size) < 1:
        raise ValueError(f"Expected size as height and width in pixels. Received: {size}.")
    if channels not in (1, 3):
        raise ValueError(f"Expected 1 or 3 channels. Received: channels={channels}.")
    if resize not in ("box", "lanczos"):
        raise ValueError(f"Expected resize 'box' or 'lanczos'. Received: {resize!r}.")
    if not 0 <= share <= 1:
        raise ValueError(f"Expected largest_share_left_out from 0 to 1. Received: {share}.")
    if out is not None and Path(out).suffix != ".npy":
        raise ValueError(f"Expected out to end in .npy. Received: {str(out)!r}.")
    if not len(files):
        raise ValueError(f"Expected files of {files.source.path} to decode. Received: none.")


def _read_patiently(files: ImageFiles, index: int) -> bytes:
    """The content of a file, tried again where the disk or network failed and the file may be fine."""
    for pause in _PAUSES:
        try:
            return files.read(index)
        except (OSError, ValueError) as error:
            # An archive says that a member is damaged, and keeps what the disk said as the cause.
            cause = error if isinstance(error, OSError) else error.__cause__
            if not isinstance(cause, OSError) or cause.errno not in _PASSING:
                raise
        time.sleep(pause)
    return files.read(index)


def _in_parallel(decode: Callable[[int], np.ndarray | str], count: int, threads: int) -> Iterator[np.ndarray | str]:
    with ThreadPoolExecutor(threads, thread_name_prefix="decode") as pool:
        for start in range(0, count, _BLOCK):
            yield from pool.map(decode, range(start, min(start + _BLOCK, count)))


def _write_pixels(path: Path, images: Iterator[np.ndarray], shape: tuple[int, ...]) -> None:
    def write(temporary: Path) -> None:
        with temporary.open("wb") as file:
            write_parts(file, (image[None] for image in images), shape, np.uint8)
        # An older listing would describe other pixels.
        _listing_path(path).unlink(missing_ok=True)

    write_atomically(path, write)


def _write_quarantine(path: Path, failed: list[tuple[str, str]]) -> None:
    if failed:
        write_csv(path, [{"name": name, "reason": reason} for name, reason in failed])
    else:
        path.unlink(missing_ok=True)  # the list of an earlier try isn't true any more


def _listing_path(path: Path) -> Path:
    return path.with_suffix(".json")


def _listing(images: ImageSet) -> dict[str, Any]:
    return {
        "class_names": images.class_names,
        "report": {"found": images.report.found, "quarantined": images.report.quarantined} if images.report else None,
        **{
            name: None if values is None else values.tolist()
            for name, values in (
                ("names", images.names),
                ("labels", images.labels),
                ("targets", images.targets),
                ("groups", images.groups),
                ("sides", images.sides),
            )
        },
    }
