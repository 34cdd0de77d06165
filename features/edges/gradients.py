"""Gradients of images."""

from typing import Any

from kerashar.features.arrays.edges import SMOOTHING, STEP
from kerashar.features.correlation import correlate_axis


def gradients(images: Any, kind: str) -> tuple[Any, Any]:
    """The gradients of `(batch, height, width, channels)` from left to right and from top to bottom."""
    smoothing = SMOOTHING[kind]
    rightward = correlate_axis(correlate_axis(images, STEP, axis=2), smoothing, axis=1)
    downward = correlate_axis(correlate_axis(images, STEP, axis=1), smoothing, axis=2)
    return rightward, downward
