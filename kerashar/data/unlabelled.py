"""Windows of recordings whose labels don't matter."""

from collections.abc import Iterable
from dataclasses import replace

from kerashar.data.recording import Recording
from kerashar.data.segment import Segment
from kerashar.data.window_set import WindowSet
from kerashar.data.windows import cut_windows

UNLABELLED = "unlabelled"  # the one class of such windows


def cut_unlabelled(recordings: Iterable[Recording], *, seconds: float = 2.56, overlap: float = 0.5) -> WindowSet:
    """Cut windows of equal length out of whole recordings, with labels or without.

    Use it for `pretrain`, which learns from what nobody has labelled, such as the time between two activities.

    Args:
        recordings: as for `cut_windows`.
        seconds: length of a window; rounded to whole samples.
        overlap: share of a window that the next one repeats, from 0 to below 1.

    Returns:
        Windows of a single class, `"unlabelled"`.

    Raises:
        ValueError: an argument is out of range, the recordings disagree, or none is as long as a window.

    Example:
        >>> import numpy as np
        >>> walk = Recording(np.zeros((100, 1)), 50.0, ("x",), ("g",), "01", "a", ())
        >>> cut_unlabelled([walk], seconds=0.8).starts.tolist()
        [0, 20, 40, 60]
    """
    whole = (replace(each, segments=(Segment(UNLABELLED, 0, len(each.signal)),)) for each in recordings)
    return cut_windows(whole, seconds=seconds, overlap=overlap, class_names=[UNLABELLED])
