"""Cutting recordings into windows of equal length."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from kerashar.data.checks import check_overlap
from kerashar.data.labelling import Labelling, Transitions
from kerashar.data.recording import Recording
from kerashar.data.window_set import WindowSet
from kerashar.data.write_parts import write_parts
from kerashar.files import write_atomically

_CHUNK = 2**25  # bytes of windows copied at a time


def cut_windows(
    recordings: Iterable[Recording],
    *,
    seconds: float = 2.56,
    overlap: float = 0.5,
    class_names: Sequence[str],
    drop: Collection[str] = (),
    rename: Mapping[str, str] | None = None,
    purity: float | None = None,
    transitions: Transitions = "drop",
    file: Path | str | None = None,
) -> WindowSet:
    """Cut labelled windows of equal length out of recordings.

    Use it on your own recordings. By default a window lies inside one labelled segment, the first one starts where
    the segment starts, and what is left at the segment's end is not used, so each window has one true label. With
    `purity` the windows follow each other through the whole recording, as they do in use, and may hold two labels.

    Args:
        recordings: of one rate, with the same channels and units, each `recording_id` once.
        seconds: length of a window; rounded to whole samples.
        overlap: share of a window that the next one repeats, from 0 to below 1.
        class_names: the activities, in the order of the labels.
        drop: labels whose segments are left out, as if they had no label.
        rename: labels that are read as another, such as every change of posture as `"transition"`.
        purity: share of a window's samples that must have a label, and the same one, above 0.5 up to 1; None cuts
            inside the segments.
        transitions: what becomes of a window with labels enough but no single one that reaches `purity`: `"drop"`
            leaves it out, `"keep"` gives it its most frequent label, `"class"` gives it the label `"transition"`,
            which must be among `class_names`.
        file: a `.npy` file to write the windows to. They are then mapped from it and take no memory; recordings that
            come one by one are forgotten one by one.

    Raises:
        ValueError: an argument is out of range, the recordings disagree, a segment's label is neither in
            `class_names` nor in `drop`, or there is no window to cut.

    Example:
        >>> import numpy as np
        >>> from kerashar.data import Recording, Segment
        >>> sides = Segment("sitting", start=0, stop=50), Segment("walking", start=50, stop=100)
        >>> walk = Recording(np.zeros((100, 1)), 50.0, ("x",), ("g",), "01", "a", sides)
        >>> cut_windows([walk], seconds=0.8, class_names=["sitting", "walking"]).starts.tolist()
        [0, 50]
        >>> cut_windows([walk], seconds=0.8, class_names=["sitting", "walking"], purity=0.7).starts.tolist()
        [0, 20, 40, 60]
    """
    labelling = Labelling(class_names, drop, rename, purity, transitions)
    if not (math.isfinite(seconds) and seconds > 0):
        raise ValueError(f"Expected seconds above 0. Received: seconds={seconds}.")
    check_overlap(overlap)
    facts: dict[str, Any] = {}
    origins: dict[str, list[np.ndarray]] = {name: [] for name in ("labels", "subjects", "recordings", "starts")}

    def views() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Of each recording all windows there could be, without a copy, and which of them are used."""
        for recording in _alike(recordings):
            length = round(seconds * recording.rate)
            if length < 1:
                raise ValueError(f"Expected windows of a sample or more. Received: seconds={seconds}.")
            stride = max(1, round(length * (1 - overlap)))
            starts, labels = labelling.windows(recording, length, stride)
            if not len(starts):
                continue
            facts.update(rate=recording.rate, channels=recording.channels, units=recording.units)
            origins["starts"].append(starts)
            origins["labels"].append(labels)
            origins["subjects"].append(np.full(len(starts), recording.subject))
            origins["recordings"].append(np.full(len(starts), recording.recording_id))
            signal = np.ascontiguousarray(recording.signal)
            yield np.lib.stride_tricks.sliding_window_view(signal, (length, signal.shape[1]))[:, 0], starts

    windows = _gather(views()) if file is None else _write(views(), Path(file))
    origin = {name: np.concatenate(parts) for name, parts in origins.items()}
    return WindowSet(windows=windows, class_names=labelling.class_names, **origin, **facts)


def _alike(recordings: Iterable[Recording]) -> Iterator[Recording]:
    """The recordings, as long as they fit together."""
    first, seen = None, set()
    for recording in recordings:
        first = first or recording
        for field in ("rate", "channels", "units"):
            if getattr(first, field) != getattr(recording, field):
                raise ValueError(
                    f"Expected recordings with the same {field}. Received: {getattr(first, field)} in "
                    f"{first.recording_id!r} and {getattr(recording, field)} in {recording.recording_id!r}."
                )
        if recording.recording_id in seen:
            raise ValueError(f"Expected each recording_id once. Received: {recording.recording_id!r} twice.")
        seen.add(recording.recording_id)
        yield recording


def _gather(views: Iterable[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    used = list(views)
    _expect_windows(len(used))
    shape = used[0][0].shape[1:]
    windows = np.empty((sum(len(starts) for _, starts in used), *shape), dtype=np.float32)
    end = 0
    for chunk in _chunks(used):
        windows[end : end + len(chunk)] = chunk
        end += len(chunk)
    return windows


def _write(views: Iterable[tuple[np.ndarray, np.ndarray]], file: Path) -> np.ndarray:
    def write(temporary: Path) -> None:
        chunks = _chunks(views)
        first = next(chunks, np.empty(0, np.float32))
        _expect_windows(len(first))
        with temporary.open("wb") as target:
            write_parts(target, chain([first], chunks), first.shape[1:], np.float32)

    write_atomically(file, write)
    return np.load(file, mmap_mode="r", allow_pickle=False)


def _chunks(views: Iterable[tuple[np.ndarray, np.ndarray]]) -> Iterator[np.ndarray]:
    for windows, starts in views:
        size = max(1, _CHUNK // windows[0].nbytes)
        for begin in range(0, len(starts), size):
            yield windows[starts[begin : begin + size]]


def _expect_windows(count: int) -> None:
    if not count:
        raise ValueError("Expected a labelled segment as long as a window. Received: recordings without one.")
