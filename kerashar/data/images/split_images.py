"""Splitting images by class, with no group on two sides."""

from collections.abc import Collection

import numpy as np

from kerashar.data.images.image_set import ImageSet
from kerashar.data.images.image_split import ImageSplit


def split_images(
    images: ImageSet,
    *,
    test: float | Collection[str] | None = None,
    validation_share: float = 0.1,
    seed: int = 0,
    allow_leakage: str | None = None,
) -> ImageSplit:
    """Split images into train, validation and test, with no group on two sides and the classes in proportion.

    Use it on what `decode_images` gives. A group counts for the class that most of its images have; with targets,
    groups are drawn alike from five ranges of the target.

    Args:
        images: all images.
        test: a share of the images, or a list of groups to keep for the test; None takes the sides that the source
            has, and its validation side if there is one.
        validation_share: share of the other images that settings are chosen by.
        seed: of the draws; the same seed draws the same images.
        allow_leakage: see `ImageSplit`.

    Raises:
        ValueError: a share is out of range, a group is unknown, the source has no test side, or sides share
            something; see `ImageSplit`.

    Example:
        >>> import numpy as np
        >>> pixels = np.random.default_rng(0).integers(0, 256, (20, 8, 8, 3), dtype="uint8")
        >>> names = [f"{number}.png" for number in range(20)]
        >>> images = ImageSet(pixels, names, np.arange(20) % 2, class_names=("cat", "dog"))
        >>> split_images(images, test=0.2, validation_share=0.25).test.class_counts()
        {'cat': 2, 'dog': 2}
    """
    sides = draw_sides(images, test=test, validation_share=validation_share, seed=seed)
    return ImageSplit(
        train=images.select(sides == "train"),
        validation=images.select(sides == "validation"),
        test=images.select(sides == "test"),
        allow_leakage=allow_leakage,
    )


def draw_sides(
    images: ImageSet, *, test: float | Collection[str] | None = None, validation_share: float = 0.1, seed: int = 0
) -> np.ndarray:
    """Which side each image is on: "train", "validation" or "test"; arguments and errors as of `split_images`."""
    generator = np.random.default_rng(seed)
    rest = np.ones(len(images), dtype=bool)
    is_validation = np.zeros(len(images), dtype=bool)
    if test is None:
        if not (images.sides == "test").any():
            raise ValueError(
                "Expected images with a test side, or test as a share or a list of groups. Received: test=None."
            )
        is_test, is_validation = images.sides == "test", images.sides == "validation"
    elif isinstance(test, (int, float)):
        is_test = _draw(images, rest, test, "test", generator)
    else:
        known = set(images.groups.tolist())
        if isinstance(test, str) or not test or not set(test) <= known:
            received = test if isinstance(test, str) else sorted(set(test) - known)
            raise ValueError(f"Expected test to be a share or a list of groups of the images. Received: {received!r}.")
        is_test = np.isin(images.groups, list(test))
    if not is_validation.any():
        is_validation = _draw(images, ~is_test, validation_share, "validation_share", generator)
    return np.select([is_test, is_validation], ["test", "validation"], "train")


def _draw(
    images: ImageSet, among: np.ndarray, share: float, argument: str, generator: np.random.Generator
) -> np.ndarray:
    """Draw whole groups of each class until their share of the class's images is reached, at least one group."""
    if not 0 < share < 1:
        raise ValueError(f"Expected 0 < {argument} < 1. Received: {share}.")
    names, numbers = np.unique(images.groups[among], return_inverse=True)
    sizes = np.bincount(numbers)
    strata = _strata(images, among, numbers, len(names))
    drawn = np.zeros(len(names), dtype=bool)
    for stratum in np.unique(strata):
        order = generator.permutation(np.flatnonzero(strata == stratum))
        reached = np.cumsum(sizes[order])
        # The group that comes nearest to the share is the last one drawn.
        count = 1 + int(np.argmin(np.abs(reached - share * reached[-1])))
        if len(order) > 1:
            drawn[order[: min(count, len(order) - 1)]] = True
    if not drawn.any():
        raise ValueError(
            f"Expected a class with two groups or more to draw {argument} from. Received: {len(names)} groups."
        )
    chosen = np.zeros(len(images), dtype=bool)
    chosen[among] = drawn[numbers]
    return chosen


def _strata(images: ImageSet, among: np.ndarray, numbers: np.ndarray, groups: int) -> np.ndarray:
    """For each group, the class that most of its images have, or the range that its mean target lies in."""
    if images.labels is None:
        means = np.bincount(numbers, weights=images.answers[among], minlength=groups) / np.bincount(numbers)
        ranks = np.argsort(np.argsort(means, kind="stable"))
        return ranks * 5 // groups
    counts = np.zeros((groups, images.num_classes), dtype=np.int64)
    np.add.at(counts, (numbers, images.labels[among]), 1)
    return counts.argmax(axis=1)
