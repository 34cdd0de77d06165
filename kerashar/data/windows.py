"""Cutting recordings into windows of equal length."""

import math
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from kerashar.data.recording import Recording
from kerashar.data.window_set import WindowSet


def cut_windows(
    recordings: Iterable[Recording],
    *,
    seconds: float = 2.56,
    overlap: float = 0.5,
    class_names: Sequence[str],
    drop: Collection[str] = (),
) -> WindowSet:
    """Cut labelled windows of equal length out of recordings.

    Use it on your own recordings. A window lies inside one labelled segment, the first one starts where the
    segment starts, and what is left at the segment's end is not used, so each window has one true label.

    Args:
        recordings: of one rate, with the same channels and units, each `recording_id` once.
        seconds: length of a window; rounded to whole samples.
        overlap: share of a window that the next one repeats, from 0 to below 1.
        class_names: the activities, in the order of the labels.
        drop: labels whose segments are left out.

    Raises:
        ValueError: an argument is out of range, the recordings disagree, a segment's label is neither in
            `class_names` nor in `drop`, or no segment is long enough for a window.

    Example:
        >>> import numpy as np
        >>> from kerashar.data import Recording, Segment
        >>> walking = Segment("walking", start=10, stop=90)
        >>> walk = Recording(np.zeros((100, 1)), 50.0, ("x",), ("g",), "01", "a", (walking,))
        >>> cut_windows([walk], seconds=0.8, class_names=["walking"]).starts.tolist()
        [10, 30, 50]
    """
    if isinstance(class_names, str):
        raise ValueError(f"Expected a list of class names. Received: the string {class_names!r}.")
    if not (math.isfinite(seconds) and seconds > 0):
        raise ValueError(f"Expected seconds above 0. Received: seconds={seconds}.")
    if not 0 <= overlap < 1:
        raise ValueError(f"Expected 0 <= overlap < 1. Received: overlap={overlap}.")
    numbers = {name: number for number, name in enumerate(class_names)}
    windows, labels, subjects, names, starts = [], [], [], [], []
    first, seen = None, set()
    for recording in recordings:
        first = first or recording
        _check_alike(first, recording)
        if recording.recording_id in seen:
            raise ValueError(f"Expected each recording_id once. Received: {recording.recording_id!r} twice.")
        seen.add(recording.recording_id)
        length = round(seconds * recording.rate)
        if length < 1:
            raise ValueError(f"Expected windows of a sample or more. Received: seconds={seconds}.")
        stride = max(1, round(length * (1 - overlap)))
        for segment in recording.segments:
            if segment.label in drop:
                continue
            if segment.label not in numbers:
                raise ValueError(
                    f"Expected labels among {list(class_names)}. Received: {segment.label!r} in recording "
                    f"{recording.recording_id!r}. Add it to class_names or to drop."
                )
            begins = np.arange(segment.start, segment.stop - length + 1, stride)
            if not len(begins):
                continue
            views = np.lib.stride_tricks.sliding_window_view(recording.signal, length, axis=0)
            windows.append(views[begins].transpose(0, 2, 1))  # (windows, channels, time) -> channels last
            starts.append(begins)
            labels.append(np.full(len(begins), numbers[segment.label]))
            subjects.append(np.full(len(begins), recording.subject))
            names.append(np.full(len(begins), recording.recording_id))
    if first is None or not windows:
        raise ValueError(
            f"Expected a labelled segment of {seconds} s or more. "
            f"Received: {len(seen)} recordings, none with such a segment."
        )
    return WindowSet(
        windows=np.concatenate(windows),
        labels=np.concatenate(labels),
        subjects=np.concatenate(subjects),
        recordings=np.concatenate(names),
        starts=np.concatenate(starts),
        rate=first.rate,
        channels=first.channels,
        units=first.units,
        class_names=tuple(class_names),
    )


def _check_alike(first: Recording, other: Recording) -> None:
    for field in ("rate", "channels", "units"):
        if getattr(first, field) != getattr(other, field):
            raise ValueError(
                f"Expected recordings with the same {field}. Received: {getattr(first, field)} in "
                f"{first.recording_id!r} and {getattr(other, field)} in {other.recording_id!r}."
            )
