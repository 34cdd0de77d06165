"""Finding windows cut out of one recording under two names."""

import numpy as np

_BLOCK = 16  # samples in a row that must agree in every bit
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, so that multiplying loses nothing modulo 2^64


def shared_stretches(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Find windows that share a stretch of equal samples with a window of the other side, at whatever place.

    Use it on a split that you bring yourself; `SubjectSplit` uses it on its sides. It finds windows that were cut out
    of one recording, also where the recording has two names or the windows start at different samples. Stretches in
    which nothing changes are left out, since every sensor at rest gives them.

    Args:
        ours: `(n, time, channels)`, float32.
        theirs: `(m, time, channels)`, float32.

    Returns:
        Indices into `ours`, in order.

    Raises:
        ValueError: an array isn't `(windows, time, channels)`, or the channels differ.

    Example:
        >>> import numpy as np
        >>> walk = np.random.default_rng(0).normal(size=(300, 3)).astype("float32")
        >>> shared_stretches(walk[None, 100:200], walk[None, 150:250]).tolist()
        [0]

    Reference:
        Karp and Rabin, Efficient Randomized Pattern-Matching Algorithms. IBM Journal of Research and Development
        31 (1987).
    """
    if ours.ndim != 3 or theirs.ndim != 3 or ours.shape[2] != theirs.shape[2]:
        raise ValueError(
            f"Expected windows (windows, time, channels) of the same channels. Received: {ours.shape} and "
            f"{theirs.shape}."
        )
    block = min(_BLOCK, ours.shape[1], theirs.shape[1])
    # Every place on one side, and each block's length on the other, are enough to meet.
    seen = _hashes(theirs, block, step=1)
    mine = _hashes(ours, block, step=block)
    return np.flatnonzero(np.isin(mine, seen[seen != 0]).any(axis=1))


def _hashes(windows: np.ndarray, block: int, step: int) -> np.ndarray:
    """`(windows, places)`: of the blocks that start at every `step`th sample; 0 where nothing changes in one."""
    bits = np.ascontiguousarray(windows, dtype=np.float32).view(np.uint32)
    samples = np.zeros(bits.shape[:2], dtype=np.uint64)
    for channel in range(bits.shape[2]):
        samples = (samples + bits[:, :, channel].astype(np.uint64)) * _FACTOR
    places = bits.shape[1] - block + 1
    hashes = np.zeros((len(bits), -(-places // step)), dtype=np.uint64)
    changes = np.zeros(hashes.shape, dtype=bool)
    for offset in range(block):
        here = samples[:, offset : offset + places : step]
        hashes = (hashes + here) * _FACTOR
        changes |= here != samples[:, :places:step]
    return np.where(changes, hashes, 0)
