"""The quality report of images."""

from dataclasses import replace
from itertools import groupby

import numpy as np

from kerashar.data.images.image_set import ImageSet
from kerashar.data.quality.checks import sentence
from kerashar.data.quality.checks.images import (
    FAINT,
    brightness_and_contrast,
    copied_images,
    copied_pairs,
    empty_images,
    unreadable_images,
)
from kerashar.data.quality.checks.labels import imbalance, missing_classes
from kerashar.data.quality.problem import Problem
from kerashar.data.quality.quality_report import QualityReport, in_order
from kerashar.data.quality.table import MANY_CLASSES, Cell, Table, rounded

_SIDES = ("train", "validation", "test")
_LISTED = 200  # problems of a kind in the report; a page of more isn't read
_QUANTILES = {"lowest 1 %": 0.01, "median": 0.5, "highest 1 %": 0.99}


def image_quality_report(images: ImageSet, *, name: str = "images", seed: int = 0) -> QualityReport:
    """Find out what is in a set of images and what is wrong with it.

    Use it before the first training on images that you don't know. Cropped or shifted copies aren't found.

    Args:
        images: from `decode_images` or `load_images`.
        name: for the title and the files.
        seed: of the draw of the samples that are shown.

    Example:
        >>> pixels = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3), dtype="uint8")
        >>> pixels[3] = pixels[0]
        >>> four = ImageSet(pixels, ["a", "b", "c", "d"], [0, 0, 1, 1], class_names=("cat", "dog"))
        >>> image_quality_report(four).verdict
        'Not fit to train on yet. Fix first: label conflict.'
    """
    from kerashar.data.quality import image_pictures
    from kerashar.data.quality.pictures import class_bars

    sides = {side: images.sides == side for side in _SIDES if (images.sides == side).any()}
    if (rest := ~np.isin(images.sides, _SIDES)).any():
        sides["not on a side" if sides else "all"] = rest
    brightness, contrast = brightness_and_contrast(images.images)
    pairs = copied_pairs(images)
    problems = copied_images(images, sides, pairs) + empty_images(images, contrast) + unreadable_images(images)
    problems = _shortened(in_order(problems))
    if images.labels is not None:
        problems += missing_classes(images, sides) + imbalance(images, sides)
    by_side = _side_table(images, sides)
    checks = (copied_images, empty_images, unreadable_images, missing_classes, imbalance)
    pictures = [
        image_pictures.suspicious_images(images, np.flatnonzero(contrast < FAINT), pairs),
        class_bars(by_side, images.class_names, "images") if images.labels is not None else None,
        image_pictures.class_samples(images, np.random.default_rng(seed)),
        image_pictures.light_histograms(brightness, contrast, sides),
    ]
    height, width, channels = images.image_shape
    return QualityReport(
        name=name,
        title=f"{len(images):,} images {f'in {images.num_classes} classes' if images.class_names else 'with numbers'}",
        facts={
            "Images": f"{len(images)}, {height} x {width} pixels, {'grey' if channels == 1 else 'RGB'}",
            "Decoded": str(images.report) if images.report else "unknown",
            "Classes": ", ".join(images.class_names) or "none: numbers are predicted",
            "Seed": str(seed),
        },
        problems=in_order(problems),
        tables=[by_side, _light_table(brightness, contrast, sides)],
        pictures=[picture for picture in pictures if picture is not None],
        checks=[sentence(check) for check in checks],
    )


def _shortened(problems: tuple[Problem, ...]) -> list[Problem]:
    """The first problems of each kind, and one that counts the rest."""
    kept: list[Problem] = []
    for _, group in groupby(problems, key=lambda problem: (problem.severity, problem.kind)):
        same = list(group)
        kept += same[:_LISTED]
        if (more := len(same) - _LISTED) > 0:
            kept.append(replace(same[0], text=f"{more} more of this kind aren't listed.", recording=None))
    return kept


def _side_table(images: ImageSet, sides: dict[str, np.ndarray]) -> Table:
    rows: list[dict[str, Cell]] = [
        {"side": side, **images.select(mask).class_counts(), "images": int(mask.sum())} for side, mask in sides.items()
    ]
    return Table("Sides and classes", "Images per class.", rows, folded=images.num_classes > MANY_CLASSES)


def _light_table(brightness: np.ndarray, contrast: np.ndarray, sides: dict[str, np.ndarray]) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "side": side,
            "of": what,
            **{name: rounded(np.quantile(values[mask], share)) for name, share in _QUANTILES.items()},
        }
        for what, values in (("brightness", brightness), ("contrast", contrast))
        for side, mask in sides.items()
    ]
    return Table("Brightness and contrast", "Mean and deviation of an image's grey levels, from 0 to 255.", rows)
