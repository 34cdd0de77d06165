"""Images that hold nothing, are there twice, or couldn't be read."""

from collections.abc import Mapping

import numpy as np

from kerashar.data.images.image_set import ImageSet
from kerashar.data.images.image_split import COPY_TOLERANCE
from kerashar.data.near_duplicates import copies_within
from kerashar.data.quality.problem import Problem

_CHUNK = 4096  # images at a time, so that memory-mapped ones stay on disk
FAINT = 2.0  # grey levels of 255: less contrast, and nothing can be seen


def brightness_and_contrast(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of the grey levels of each image, `(images,)`, from 0 to 255."""
    means, deviations = np.empty(len(images)), np.empty(len(images))
    for start in range(0, len(images), _CHUNK):
        grey = images[start : start + _CHUNK].mean(axis=-1, dtype=np.float32)
        means[start : start + _CHUNK] = grey.mean(axis=(1, 2))
        deviations[start : start + _CHUNK] = grey.std(axis=(1, 2))
    return means, deviations


def empty_images(images: ImageSet, contrast: np.ndarray) -> list[Problem]:
    """An image has one colour, or next to no contrast."""
    return [
        Problem(
            "warning",
            "empty image",
            f"The grey levels deviate by {contrast[row]:.2f} of 255: there is nothing to see.",
            "Leave it out, or find out why it is empty.",
            recording=str(images.names[row]),
        )
        for row in np.flatnonzero(contrast < FAINT)
    ]


def unreadable_images(images: ImageSet) -> list[Problem]:
    """A file couldn't be decoded and is left out."""
    return [
        Problem("warning", "unreadable image", f"{reason}.", "Fetch the file again, or remove it.", recording=name)
        for name, reason in (images.report.quarantined if images.report else ())
    ]


def copied_pairs(images: ImageSet) -> np.ndarray:
    """Pairs of images that a split would refuse on two sides, `(pairs, 2)`."""
    return copies_within(images.images, tolerance=COPY_TOLERANCE, mirrored=True)


def copied_images(images: ImageSet, sides: Mapping[str, np.ndarray], pairs: np.ndarray) -> list[Problem]:
    """Two images are the same, or mirror images, but for recoding, brightness or noise."""
    problems = []
    for first, second in pairs.tolist():
        across = any(mask[first] != mask[second] for mask in sides.values())
        conflict = images.answers[first] != images.answers[second]
        what = "The mirror image of" if _mirrored(images.images[first], images.images[second]) else "The same as"
        what += f" {images.names[first]}"
        what += ", with another label" if conflict else ""
        what += ", on another side of the split" if across else ""
        problems.append(
            Problem(
                "error" if conflict or across else "warning",
                "label conflict" if conflict else "copied image",
                f"{what}.",
                "Find out which label is right, and keep one of the two."
                if conflict
                else "Keep one of the two. A split with copies on two sides is refused, since a test on them looks "
                "better than it is.",
                recording=str(images.names[second]),
            )
        )
    return problems


def _mirrored(image: np.ndarray, other: np.ndarray) -> bool:
    """Whether the other is more like this image's mirror image than like itself."""
    centred = image - image.mean()
    return float((centred * other[:, ::-1]).sum()) > float((centred * other).sum())
