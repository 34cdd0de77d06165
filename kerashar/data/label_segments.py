"""From one label per sample to segments."""

import numpy as np

from kerashar.data.runs import runs
from kerashar.data.segment import Segment


def label_segments(labels: np.ndarray, unlabelled: str = "") -> tuple[Segment, ...]:
    """Segments of neighbours with the same label, but for those that are `unlabelled`.

    Example:
        >>> [(part.label, part.start, part.stop) for part in label_segments(np.array(["a", "a", "", "b"]))]
        [('a', 0, 2), ('b', 3, 4)]
    """
    return tuple(
        Segment(str(labels[start]), start, stop)
        for start, stop in runs(labels[1:] != labels[:-1])
        if labels[start] != unlabelled
    )
