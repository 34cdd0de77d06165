"""Median blur."""

from typing import Any

import keras
from keras import ops

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.draws import Draws
from kerashar.features.augment.images.warping import pad_edges


@keras.saving.register_keras_serializable(package="kerashar")
class MedianBlur(Augmentation):
    """Replaces each value by the median of those around it.

    Use it against dependence on fine texture: edges stay.

    Args:
        size: height and width of the neighbourhood in pixels, 3 or 5. Defaults to 3; 5 takes seven times as long.
        rate: share of the samples that are changed, from 0 to 1. Defaults to 0.5.
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: images.
        training: whether to change anything.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        As the input.

    Raises:
        ValueError: another size, or a rate outside [0, 1].

    Example:
        >>> import numpy as np
        >>> speck = np.zeros((1, 5, 5, 1), "float32")
        >>> speck[0, 2, 2] = 9
        >>> float(np.array(MedianBlur(rate=1.0)(speck, training=True)).max())
        0.0

    Reference:
        Buslaev et al., "Albumentations: Fast and Flexible Image Augmentations", 2020 (MedianBlur); the edges are
        repeated as there. Algorithm: forgetful selection, Paeth, "Median Finding on a 3 x 3 Grid", 1990.
    """

    dimensions = (2,)

    def __init__(self, size: int = 3, rate: float = 0.5, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(rate=rate, seed=seed, **kwargs)
        if size not in (3, 5):
            raise ValueError(f"Expected size to be 3 or 5. Received: size={size!r}.")
        self.size = size

    def change(self, values: Any, draws: Draws) -> Any:
        height, width = values.shape[1:3]
        border = self.size // 2
        padded = pad_edges(values, border, (border, border))
        places = [(row, column) for row in range(self.size) for column in range(self.size)]
        return _median([padded[:, row : row + height, column : column + width] for row, column in places])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size}


def _median(planes: list[Any]) -> Any:
    """The median of an odd number of planes, by minima and maxima alone: several times faster than a sort.

    Of more than half of them, neither the smallest nor the largest can be the median: forget both, and take the next.
    """
    count = len(planes) // 2 + 2
    known, next_planes = planes[:count], planes[count:]
    while len(known) > 1:
        known = _without_extremes(known) + next_planes[:1]
        next_planes = next_planes[1:]
    return known[0]


def _without_extremes(planes: list[Any]) -> list[Any]:
    """The planes, partly sorted, without the minima and the maxima of them all."""
    half = len(planes) // 2
    low, high = map(list, zip(*map(_sorted, planes[:half], planes[half : 2 * half]), strict=True))
    for odd in planes[2 * half :]:
        low[0], larger = _sorted(low[0], odd)
        high.append(larger)
    kept = []
    smallest, largest = low[0], high[0]
    for plane in low[1:]:
        smallest, other = _sorted(smallest, plane)
        kept.append(other)
    for plane in high[1:]:
        other, largest = _sorted(plane, largest)
        kept.append(other)
    return kept


def _sorted(first: Any, second: Any) -> tuple[Any, Any]:
    return ops.minimum(first, second), ops.maximum(first, second)
