"""Train, validation and test images that share nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kerashar.data.disjoint_split import DisjointSplit
from kerashar.data.images.image_set import ImageSet
from kerashar.data.near_duplicates import copies_between

# Radian. Of the closest pairs across the sides of CIFAR-10, those up to 0.27 are copies to the eye; around 0.3 the
# first different pictures come among them.
COPY_TOLERANCE = 0.2


@dataclass(frozen=True, eq=False)
class ImageSplit(DisjointSplit):
    """Images to train on, to choose by, and to test on once, with no image, copy or group on two sides.

    Use it as what training takes; `split_images` makes it. Copies are found by their pixels, also where they were
    recoded, brightened, given noise or mirrored; a cropped or shifted copy isn't found.

    Args:
        train: what the model learns from.
        validation: what settings and the best epoch are chosen by.
        test: what is looked at once, at the end.
        allow_leakage: why shared names, groups or copies are right here; printed in every report. It excuses
            sharing only: sides of different make and empty sides are always refused.

    Raises:
        ValueError: sides share a name, a group or a copy of an image without `allow_leakage`; a side is empty; or
            the sides differ in image shape, class names or in having targets.

    Example:
        >>> import numpy as np
        >>> pixels = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype="uint8")
        >>> each = [ImageSet(pixels[i : i + 1], [f"{i}.png"], [0], class_names=("cat",)) for i in range(3)]
        >>> ImageSplit(*each).leakage_note
        'No name or group is on two sides, and no copy of an image was found there.'

    Reference:
        Barz and Denzler, Do We Train on Test Data? Purging CIFAR of Near-Duplicates. Journal of Imaging 2020.
    """

    item = "image"
    alike = ("image_shape", "class_names")
    clean = "No name or group is on two sides, and no copy of an image was found there."
    remedy = "Keep such images on one side"
    train: ImageSet
    validation: ImageSet
    test: ImageSet
    allow_leakage: str | None = None

    def shared(self, name: str, other_name: str) -> Iterator[str]:
        """What two sides share, a phrase for each kind."""
        side, other = getattr(self, name), getattr(self, other_name)
        for field in ("names", "groups"):
            shared = np.intersect1d(getattr(side, field), getattr(other, field))
            if len(shared):
                yield f"{len(shared)} shared {field} such as {str(shared[0])!r} in {name} and {other_name}"
        if len(pairs := self._copies[name, other_name]):
            ours, theirs = pairs[0]
            yield (
                f"{len(np.unique(pairs[:, 1]))} images of {other_name} with a copy or mirror image in {name}, "
                f"such as {str(other.names[theirs])!r} and {str(side.names[ours])!r}"
            )

    @cached_property
    def _copies(self) -> dict[tuple[str, str], np.ndarray]:
        sides = {name: side.images for name, side in self._sides().items()}
        return copies_between(sides, tolerance=COPY_TOLERANCE, mirrored=True)
