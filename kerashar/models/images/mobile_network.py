"""What the mobile networks share: how channels are rounded, and which halvings small images lose."""

from collections.abc import Sequence

from kerashar.layers.checks import check_classes, check_image_sides, check_share
from kerashar.models.images.sizes import stride_for

_PUBLISHED_STRIDE = 32
_TOTAL_STRIDES = (1, 2, 4, 8, 16, _PUBLISHED_STRIDE)


def divisible(channels: float, by: int = 8) -> int:
    """The nearest multiple, but at least nine tenths of the channels.

    Example:
        >>> [divisible(channels) for channels in (88.08, 27, 10)]
        [88, 32, 16]
    """
    nearest = max(by, int(channels + by / 2) // by * by)
    return nearest if nearest >= 0.9 * channels else nearest + by


def check_mobile(
    image_shape: Sequence[int], num_classes: int, width: float, total_stride: int | None, stochastic_depth: float
) -> None:
    """Refuse what no mobile network can be built with."""
    check_image_sides(image_shape, at_least=total_stride or 1)
    check_classes(num_classes)
    check_share(stochastic_depth=stochastic_depth)
    if width <= 0:
        raise ValueError(f"Expected width to be above 0. Received: width={width}.")
    if total_stride is not None and total_stride not in _TOTAL_STRIDES:
        raise ValueError(f"Expected total_stride to be one of {_TOTAL_STRIDES}. Received: total_stride={total_stride}.")


def strides_for(image_shape: Sequence[int], published: Sequence[int], total_stride: int | None) -> list[int]:
    """The strides of the stem and each stage, without the first halvings where less than the published 32 is wanted.

    Example:
        >>> strides_for((64, 64, 3), (2, 2, 2, 2, 1, 2), None)
        [1, 2, 2, 2, 1, 2]
    """
    total = stride_for(image_shape, _PUBLISHED_STRIDE) if total_stride is None else total_stride
    strides = list(published)
    for place, stride in enumerate(published):
        if total < _PUBLISHED_STRIDE and stride == 2:
            strides[place] = 1
            total *= 2
    return strides
