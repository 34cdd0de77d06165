"""Features computed ahead of time."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kerashar.files import write_atomically

if TYPE_CHECKING:
    from rich.console import Console

    from kerashar.features.feature import Feature

_WINDOWS = 1024  # at a time: some megabytes


def precompute(
    feature: Feature,
    windows: np.ndarray,
    path: Path | str,
    processes: int | None = None,
    console: Console | None = None,
) -> np.ndarray:
    """Compute features once and keep them in a `.npy` file that is read piece by piece.

    Use it where features are dear and the windows stay the same over many runs; inside a model, use the feature as a
    layer. Both give the same numbers. Memory holds a few thousand windows at a time, so `windows` may be memory-mapped.
    An interrupted or failed run leaves no file.

    Args:
        feature: a feature, such as a `FeatureStack`.
        windows: windows `(n, time, channels)` or images, finite.
        path: the file to write, ending in `.npy`.
        processes: how many work at it; None takes one for each core. They import no backend.
        console: where progress is shown; None shows none.

    Returns:
        The features, memory-mapped read-only.

    Raises:
        ValueError: a path that does not end in `.npy`, less than one process, no windows, windows that hold NaN or
            infinity, or a shape that the feature refuses.
        OSError: the folder can't be written, or the disk is full.

    Example:
        >>> from kerashar.features import Jerk
        >>> precompute(Jerk(50.0), np.zeros((8, 128, 9), "float32"), "jerk.npy", processes=1).shape
        (8, 128, 9)
    """
    path = Path(path)
    processes = os.cpu_count() or 1 if processes is None else processes
    if path.suffix != ".npy":
        raise ValueError(f"Expected a path that ends in .npy. Received: {path}.")
    if processes < 1:
        raise ValueError(f"Expected at least 1 process. Received: processes={processes}.")
    if not len(windows):
        raise ValueError("Expected at least one window. Received: none.")
    feature.check(windows.shape)

    from rich.console import Console
    from rich.progress import Progress

    def write(temporary: Path) -> None:
        with open(temporary, "wb") as file, Progress(console=console or Console(quiet=True)) as progress:
            task = progress.add_task("features", total=len(windows))
            for number, features in enumerate(_compute(feature.array_function(), windows, processes)):
                if number == 0:
                    shape = (len(windows), *features.shape[1:])
                    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
                    np.lib.format.write_array_header_1_0(file, header)
                file.write(np.ascontiguousarray(features, "<f4").tobytes())
                progress.advance(task, len(features))

    write_atomically(path, write)
    return np.load(path, mmap_mode="r", allow_pickle=False)


def _compute(function: Callable[[np.ndarray], np.ndarray], windows: np.ndarray, processes: int) -> Iterator[np.ndarray]:
    """The features, piece by piece in the order of the windows."""
    pieces = (_finite(windows, start) for start in range(0, len(windows), _WINDOWS))
    if processes == 1 or len(windows) <= _WINDOWS:
        yield from map(function, pieces)
        return
    # Fresh processes: a fork of one whose backend has threads may hang.
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        waiting: deque[Future[np.ndarray]] = deque()
        for piece in pieces:
            waiting.append(pool.submit(function, piece))
            if len(waiting) > 2 * processes:  # enough to keep all busy, few enough for the memory
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _finite(windows: np.ndarray, start: int) -> np.ndarray:
    piece = np.asarray(windows[start : start + _WINDOWS], "float32")
    bad = np.flatnonzero(~np.isfinite(piece).reshape(len(piece), -1).all(axis=1))
    if len(bad):
        raise ValueError(f"Expected finite windows. Received: NaN or infinity, first in window {start + bad[0]}.")
    return piece
