"""Train, validation and test images that share nothing."""

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from kerashar.data.images.image_set import ImageSet
from kerashar.data.near_duplicates import near_duplicates

# Radian. Of the closest pairs across the sides of CIFAR-10, those up to 0.27 are copies to the eye; around 0.3 the
# first different pictures come among them.
_TOLERANCE = 0.2


@dataclass(frozen=True, eq=False)
class ImageSplit:
    """Images to train on, to choose by, and to test on once, with no image, copy or group on two sides.

    Use it as what training takes; `split_images` makes it. Copies are found by their pixels, also where they were
    recoded, brightened or given noise; a mirrored, cropped or shifted copy isn't found.

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
        'No name, group or copy of an image is on two sides.'

    Reference:
        Barz and Denzler, Do We Train on Test Data? Purging CIFAR of Near-Duplicates. Journal of Imaging 2020.
    """

    train: ImageSet
    validation: ImageSet
    test: ImageSet
    allow_leakage: str | None = None

    def __post_init__(self) -> None:
        if self.allow_leakage is not None and (
            not isinstance(self.allow_leakage, str) or not self.allow_leakage.strip()
        ):
            raise ValueError(
                "Expected allow_leakage to be None or the reason as text, which reports print. "
                f"Received: {self.allow_leakage!r}."
            )
        for name, side in self._sides().items():
            if not len(side):
                raise ValueError(f"Expected images on every side. Received: no image in {name}.")
            for field in ("image_shape", "class_names"):
                ours, theirs = getattr(self.train, field), getattr(side, field)
                if ours != theirs:
                    raise ValueError(
                        f"Expected the same {field} on every side. Received: {ours} in train, {theirs} in {name}."
                    )
        if self._leaks and self.allow_leakage is None:
            raise ValueError(
                f"Expected sides that share nothing. Received: {'; '.join(self._leaks)}. "
                'Keep such images on one side, or pass allow_leakage="the reason" if it is meant.'
            )

    @property
    def leakage_note(self) -> str:
        """One sentence for reports: that nothing is shared, or what is and why it was allowed."""
        if not self._leaks:
            return "No name, group or copy of an image is on two sides."
        return f"Leakage allowed ({self.allow_leakage}): {'; '.join(self._leaks)}."

    def _sides(self) -> dict[str, ImageSet]:
        return {"train": self.train, "validation": self.validation, "test": self.test}

    @cached_property
    def _leaks(self) -> list[str]:
        leaks = []
        for (name, side), (other_name, other) in combinations(self._sides().items(), 2):
            where = f"in {name} and {other_name}"
            for field in ("names", "groups"):
                shared = np.intersect1d(getattr(side, field), getattr(other, field))
                if len(shared):
                    leaks.append(f"{len(shared)} shared {field} such as {str(shared[0])!r} {where}")
            pairs = near_duplicates(side.images, other.images, tolerance=_TOLERANCE)
            if len(pairs):
                ours, theirs = pairs[0]
                leaks.append(
                    f"{len(np.unique(pairs[:, 1]))} images of {other_name} with a copy in {name}, "
                    f"such as {str(other.names[theirs])!r} and {str(side.names[ours])!r}"
                )
        return leaks
