"""Finding windows or images that are on two sides under different names."""

from collections.abc import Iterator

import numpy as np

_BANDS = 16  # a pair is found when all bits of one band agree
_BITS = 16  # of a band: 65,536 buckets
_SILENT = 1e-3  # share of the typical deviation below which a window holds nothing to recognise it by
_PAIRS = 1_000_000  # compared by hash at a time
_CHUNK = 4096  # items standardised at a time, so that memory-mapped arrays stay on disk


def near_duplicates(ours: np.ndarray, theirs: np.ndarray, *, tolerance: float = 0.05) -> np.ndarray:
    """Find pairs of windows or images, one from each array, that are the same but for small changes.

    Use it on a split that you bring yourself; `SubjectSplit` and `ImageSplit` use it on theirs. Offset, scale, noise
    and recoding don't hide a copy. Flat windows are left out, since there is nothing to tell them apart by.

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
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    if ours.ndim < 3 or ours.shape[1:] != theirs.shape[1:]:
        raise ValueError(
            f"Expected arrays (n, ..., channels) of one shape but for n. Received: {ours.shape} and {theirs.shape}."
        )
    if not 0 < tolerance < 1:
        raise ValueError(f"Expected 0 < tolerance < 1. Received: tolerance={tolerance}.")
    scale = np.maximum(_deviation(ours), _deviation(theirs))
    scale[scale == 0] = 1.0
    our_rows, our_hashes = _hashes(ours, scale)
    their_rows, their_hashes = _hashes(theirs, scale)
    pairs = [_candidates(our_hashes, their_hashes, band, tolerance) for band in range(_BANDS)]
    pairs = np.unique(np.concatenate(pairs), axis=0)
    pairs = np.stack([our_rows[pairs[:, 0]], their_rows[pairs[:, 1]]], axis=1)
    close = [
        np.sum(_directions(ours, scale, part[:, 0])[0] * _directions(theirs, scale, part[:, 1])[0], axis=1)
        >= np.cos(tolerance)
        for part in (pairs[rows] for rows in _chunks(len(pairs)))
    ]
    return pairs[np.concatenate([np.empty(0, dtype=bool), *close])]


def _chunks(count: int) -> Iterator[np.ndarray]:
    return (np.arange(start, min(start + _CHUNK, count)) for start in range(0, count, _CHUNK))


def _centred(items: np.ndarray, rows: np.ndarray) -> np.ndarray:
    part = items[rows].astype(np.float32)
    inner = tuple(range(1, part.ndim - 1))
    return part - part.mean(axis=inner, keepdims=True)


def _deviation(items: np.ndarray) -> np.ndarray:
    """Of each channel, within items."""
    squares = np.zeros(items.shape[-1])
    for rows in _chunks(len(items)):
        squares += np.square(_centred(items, rows), dtype=np.float64).reshape(-1, items.shape[-1]).sum(axis=0)
    return np.sqrt(squares * items.shape[-1] / max(1, items.size)).astype(np.float32)


def _directions(items: np.ndarray, scale: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Items as unit vectors, and their deviations in typical ones."""
    vectors = (_centred(items, rows) / scale).reshape(len(rows), -1)
    lengths = np.linalg.norm(vectors, axis=1)
    return vectors / np.maximum(lengths, 1e-30)[:, None], lengths / np.sqrt(vectors.shape[1])


def _hashes(items: np.ndarray, scale: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows that hold something, and the hash of each, `(rows, bands)`."""
    size = int(np.prod(items.shape[1:]))
    random = np.random.default_rng(0)  # fixed: both sides are hashed alike, and the same data give the same answer
    planes = random.normal(size=(size, _BANDS * _BITS)).astype(np.float32)
    kept, hashes = [np.empty(0, dtype=np.int64)], [np.empty((0, _BANDS), dtype=np.uint16)]
    for rows in _chunks(len(items)):
        directions, lengths = _directions(items, scale, rows)
        loud = lengths > _SILENT
        bits = np.packbits(directions[loud] @ planes > 0, axis=1)
        kept.append(rows[loud])
        hashes.append(bits.view(np.uint16))
    return np.concatenate(kept), np.concatenate(hashes)


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
