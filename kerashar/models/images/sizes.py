"""How far a network shrinks an image by default, so that small ones keep places to tell apart."""

from collections.abc import Sequence

from kerashar.layers.checks import check_each_size, check_image_shape, check_image_sides

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


def stem_stride_for(
    image_shape: Sequence[int], depths: Sequence[int], widths: Sequence[int], chosen: int | None
) -> int:
    """The stride of the stem, published as 4, of a network whose stages halve the image one after the other.

    Args:
        image_shape: `(height, width, channels)`.
        depths: blocks of each stage.
        widths: channels of each stage.
        chosen: the stride that was asked for; None takes that of `stride_for`.

    Raises:
        ValueError: sizes below 1, as many depths as widths missing, or an image too small.
    """
    check_each_size(depths=depths, widths=widths)
    if len(depths) != len(widths):
        raise ValueError(f"Expected as many depths as widths. Received: depths={depths}, widths={widths}.")
    halvings = 2 ** (len(depths) - 1)
    stride = stride_for(image_shape, 4, halvings) if chosen is None else chosen
    check_image_sides(image_shape, at_least=stride * halvings)
    return stride


def patch_size_for(image_shape: Sequence[int], published: int, chosen: int | None = None) -> int:
    """The published size where it leaves 8 patches along the shorter side, else the largest power of two that does.

    Args:
        image_shape: `(height, width, channels)`; ValueError where it is smaller than a patch.
        published: the size in the published network.
        chosen: the size that was asked for, in place of all that.

    Example:
        >>> [patch_size_for((side, side, 3), published=16) for side in (32, 64, 96, 224)]
        [4, 8, 8, 16]
    """
    check_image_shape(image_shape)
    largest = min(image_shape[:2]) // _PATCHES
    fitting = published if largest >= published else 2 ** max(largest.bit_length() - 1, 0)
    patch = fitting if chosen is None else chosen
    check_image_sides(image_shape, at_least=patch)
    return patch
