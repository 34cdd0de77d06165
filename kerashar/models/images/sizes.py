"""How far a network shrinks an image by default, so that small ones keep places to tell apart."""

from collections.abc import Sequence

from kerashar.layers.checks import check_image_shape

_PLACES = 4  # along the shorter side of the last map: a 7x7 kernel still sees more than padding
_PATCHES = 8  # along the shorter side


def stride_for(image_shape: Sequence[int], published: int, rest: int = 1) -> int:
    """The largest power of two up to the published stride that leaves 4 places along the shorter side, or 1.

    Args:
        image_shape: `(height, width, channels)`.
        published: the stride of the published network.
        rest: by how much the rest of the network shrinks the image further.

    Example:
        >>> [stride_for((side, side, 3), published=4, rest=8) for side in (32, 64, 96, 224)]
        [1, 2, 2, 4]
    """
    check_image_shape(image_shape)
    stride = published
    while stride > 1 and min(image_shape[:2]) < _PLACES * stride * rest:
        stride //= 2
    return stride


def patch_size_for(image_shape: Sequence[int], published: int) -> int:
    """The published size where it leaves 8 patches along the shorter side, else the largest power of two that does.

    Example:
        >>> [patch_size_for((side, side, 3), published=16) for side in (32, 64, 96, 224)]
        [4, 8, 8, 16]
    """
    check_image_shape(image_shape)
    largest = min(image_shape[:2]) // _PATCHES
    return published if largest >= published else 2 ** max(largest.bit_length() - 1, 0)
