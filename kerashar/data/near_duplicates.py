"""Finding windows or images that are there twice under different names."""

import sys
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

import numpy as np

from kerashar.data.progress import show_progress

_BANDS = 16  # a pair is found when all bits of one band agree
_BITS = 16  # of a band: 65,536 buckets
_SILENT = 1e-3  # share of the typical deviation below which a window holds nothing to recognise it by
_PAIRS = 1_000_000  # compared by hash at a time
_CHUNK = 4096  # items standardised at a time, so that memory-mapped arrays stay on disk


class _Hashed(NamedTuple):
    """Items that hold something to recognise them by, and the hash of each."""

    items: np.ndarray  # all of them, (n, ..., channels)
    rows: np.ndarray  # which hold something
    hashes: np.ndarray  # of those, (rows, bands)


def near_duplicates(ours: np.ndarray, theirs: np.ndarray, *, tolerance: float = 0.05) -> np.ndarray:
    """Find pairs of windows or images, one from each array, that are the same but for small changes.

    Use it on a split that you bring yourself; `SubjectSplit` and `ImageSplit` look for copies by themselves. Offset,
    scale, noise and recoding don't hide a copy. Flat windows are left out, since there is nothing to tell them apart
    by.

    Items are compared by the angle between them, once each channel is centred within the item and scaled by its
    deviation over all items. Candidates come from hashes of random projections; each is then compared in full. A
    copy at the edge of the tolerance is missed with a probability below one in a thousand up to a tolerance of 0.2.

    Args:
        ours: `(n, ..., channels)`, windows or images.
        theirs: `(m, ..., channels)`, of the same shape but for the first axis.
        tolerance: largest angle between two copies, in radian, about the share of noise in them.

    Returns:
        `(pairs, 2)`: an index into `ours` and one into `theirs`, in order.

    Raises:
        ValueError: the shapes differ or have no axis besides the first and the channels, or the tolerance isn't
            between 0 and 1.

    Example:
        >>> import numpy as np
        >>> windows = np.random.default_rng(0).normal(size=(6, 64, 3))
        >>> near_duplicates(windows[:4], 2 * windows[3:] + 0.5).tolist()
        [[3, 0]]

    Reference:
        Charikar, Similarity Estimation Techniques from Rounding Algorithms. STOC 2002.
    """
    sides = {"ours": np.asarray(ours), "theirs": np.asarray(theirs)}
    return copies_between(sides, tolerance=tolerance)["ours", "theirs"]


def copies_between(
    sides: Mapping[str, np.ndarray], *, tolerance: float = 0.05, mirrored: bool = False
) -> dict[tuple[str, str], np.ndarray]:
    """As `near_duplicates`, for each two of several sides, of which each is hashed once.

    Args:
        sides: `(n, ..., channels)` each.
        tolerance: as for `near_duplicates`.
        mirrored: of images `(n, height, width, channels)`, find those that are each other's mirror image, too.

    Example:
        >>> images = np.random.default_rng(0).normal(size=(6, 8, 8, 3))
        >>> copies_between({"train": images[:4], "test": images[3:, :, ::-1]}, mirrored=True)["train", "test"].tolist()
        [[3, 0]]
    """
    scale = _common_scale(list(sides.values()), tolerance)
    turned = {name: items[:, :, ::-1] for name, items in list(sides.items())[1:]} if mirrored else {}
    hashed = _hashed([*sides.values(), *turned.values()], scale)
    plain = dict(zip(sides, hashed, strict=False))
    mirror = dict(zip(turned, hashed[len(sides) :], strict=True))
    return {
        (one, other): _united(
            [_close(plain[one], found[other], scale, tolerance) for found in (plain, mirror) if other in found]
        )
        for one, other in combinations(sides, 2)
    }


def copies_within(items: np.ndarray, *, tolerance: float = 0.05, mirrored: bool = False) -> np.ndarray:
    """As `copies_between`, within one array: pairs of an earlier and a later item.

    Example:
        >>> images = np.random.default_rng(0).normal(size=(6, 8, 8, 3))
        >>> images[5] = images[2, :, ::-1]
        >>> copies_within(images, mirrored=True).tolist()
        [[2, 5]]
    """
    scale = _common_scale([items], tolerance)
    plain, *mirror = _hashed([items, items[:, :, ::-1]] if mirrored else [items], scale)
    return _united([_close(plain, other, scale, tolerance, within=True) for other in (plain, *mirror)])


def _common_scale(sides: list[np.ndarray], tolerance: float) -> np.ndarray:
    """The deviation within items, per channel, `(values of an item,)`: of the side where it is largest."""
    shapes = [side.shape for side in sides]
    if any(len(shape) < 3 or shape[1:] != shapes[0][1:] for shape in shapes):
        listed = " and ".join(map(str, shapes))
        raise ValueError(f"Expected arrays (n, ..., channels) of one shape but for n. Received: {listed}.")
    if not 0 < tolerance < 1:
        raise ValueError(f"Expected 0 < tolerance < 1. Received: tolerance={tolerance}.")
    channels, values = shapes[0][-1], int(np.prod(shapes[0][1:]))
    squares = np.zeros((len(sides), values))
    for number, chunk in _shown(sides):
        squares[number] += np.square(_centred(sides[number][chunk])).sum(axis=0)
    counts = np.array([max(1, len(side)) for side in sides]) * values / channels
    scale = np.sqrt(squares.reshape(len(sides), -1, channels).sum(axis=1) / counts[:, None]).max(axis=0)
    scale[scale == 0] = 1.0
    return np.tile(scale, values // channels).astype(np.float32)


def _hashed(sides: list[np.ndarray], scale: np.ndarray) -> list[_Hashed]:
    random = np.random.default_rng(0)  # fixed: all sides are hashed alike, and the same data give the same answer
    planes = random.normal(size=(len(scale), _BANDS * _BITS)).astype(np.float32)
    rows = [[np.empty(0, dtype=np.int64)] for _ in sides]
    hashes = [[np.empty((0, _BANDS), dtype=np.uint16)] for _ in sides]
    for number, chunk in _shown(sides):
        directions, lengths = _directions(sides[number][chunk], scale)
        loud = lengths > _SILENT
        rows[number].append(chunk.start + np.flatnonzero(loud))
        hashes[number].append(np.packbits(directions[loud] @ planes > 0, axis=1).view(np.uint16))
    return [
        _Hashed(side, np.concatenate(kept), np.concatenate(bits))
        for side, kept, bits in zip(sides, rows, hashes, strict=True)
    ]


def _shown(sides: list[np.ndarray]) -> Iterator[tuple[int, slice]]:
    """The number of a side and a chunk of its items, for all in turn, with a progress bar."""
    parts = [
        (number, slice(start, min(start + _CHUNK, len(side))))
        for number, side in enumerate(sides)
        for start in range(0, len(side), _CHUNK)
    ]
    return show_progress(parts, "Looking for copies", len(parts), sys.stderr)


def _centred(items: np.ndarray) -> np.ndarray:
    """Items as vectors, `(n, values)`, each channel centred."""
    vectors = items.reshape(len(items), -1).astype(np.float32)
    channels = items.shape[-1]
    # By products of matrices, since NumPy is many times slower along axes as short as the channels.
    levels = np.tile(np.eye(channels, dtype=np.float32), (vectors.shape[1] // channels, 1))
    vectors -= (vectors @ levels) @ (levels.T * np.float32(channels / vectors.shape[1]))
    return vectors


def _directions(items: np.ndarray, scale: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Items as unit vectors, and their deviations in typical ones."""
    vectors = _centred(items)
    vectors /= scale
    lengths = np.linalg.norm(vectors, axis=1)
    vectors /= np.maximum(lengths, 1e-30)[:, None]
    return vectors, lengths / np.sqrt(vectors.shape[1])


def _close(ours: _Hashed, theirs: _Hashed, scale: np.ndarray, tolerance: float, *, within: bool = False) -> np.ndarray:
    """Pairs of an item of ours and one of theirs at most at this angle; `within` one array, the earlier one first."""
    pairs = [_candidates(ours.hashes, theirs.hashes, band, tolerance) for band in range(_BANDS)]
    pairs = np.unique(np.concatenate(pairs), axis=0)
    if within:
        pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    pairs = np.stack([ours.rows[pairs[:, 0]], theirs.rows[pairs[:, 1]]], axis=1)
    close = [np.empty(0, dtype=bool)]
    for start in range(0, len(pairs), _CHUNK):
        mine, yours = pairs[start : start + _CHUNK].T
        products = _directions(ours.items[mine], scale)[0] * _directions(theirs.items[yours], scale)[0]
        close.append(products.sum(axis=1) >= np.cos(tolerance))
    return pairs[np.concatenate(close)]


def _united(pairs: list[np.ndarray]) -> np.ndarray:
    return np.unique(np.concatenate(pairs), axis=0)


def _candidates(ours: np.ndarray, theirs: np.ndarray, band: int, tolerance: float) -> np.ndarray:
    """Pairs whose hashes agree in this band, and nearly in the others."""
    # Two items at an angle differ in each bit with probability angle / pi; five deviations more are let through.
    share, bits = tolerance / np.pi, _BANDS * _BITS
    most = bits * share + 5 * np.sqrt(bits * share * (1 - share))
    order = np.argsort(theirs[:, band], kind="stable")
    buckets = theirs[order, band]
    first = np.searchsorted(buckets, ours[:, band], side="left")
    counts = np.searchsorted(buckets, ours[:, band], side="right") - first
    found = [np.empty((0, 2), dtype=np.int64)]
    # Rows are taken in groups, so that a bucket which holds half of all items doesn't fill the memory.
    groups = np.cumsum(counts) // _PAIRS
    for rows in np.split(np.arange(len(ours)), np.flatnonzero(np.diff(groups)) + 1):
        mine = np.repeat(rows, counts[rows])
        begins = np.cumsum(counts[rows]) - counts[rows]
        yours = order[np.arange(len(mine)) - np.repeat(begins - first[rows], counts[rows])]
        different = np.bitwise_count(ours[mine] ^ theirs[yours]).sum(axis=1)
        found.append(np.stack([mine, yours], axis=1)[different <= most])
    return np.concatenate(found)
