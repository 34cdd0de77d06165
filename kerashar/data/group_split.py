"""Windows and images alike: their split by what they come from, and how they are made again in another process."""

from collections.abc import Collection, Mapping
from typing import Any

from kerashar.data.disjoint_split import DisjointSplit
from kerashar.data.sample_set import SampleSet
from kerashar.data.subject_split import SubjectSplit
from kerashar.data.window_set import WindowSet


def split_by_group(
    samples: SampleSet, sides: Mapping[str, Collection[str]], allow_leakage: str | None = None
) -> DisjointSplit:
    """The split whose sides `train`, `validation` and `test` have these subjects, or groups of images.

    Raises:
        ValueError: a side is empty, or two share something without `allow_leakage`.
    """
    parts: dict[str, Any] = {side: samples.of_groups(groups) for side, groups in sides.items()}
    _, split = _made_of(samples.item)
    return split(**parts, allow_leakage=allow_leakage)


def rebuild(item: str, arrays: Mapping[str, Any], facts: Mapping[str, Any]) -> SampleSet:
    """The windows or images whose `parts` these are."""
    sample_set, _ = _made_of(item)
    return sample_set(**arrays, **facts)


def _made_of(item: str) -> tuple[type[Any], type[Any]]:
    """The classes of a set and of a split."""
    if item == WindowSet.item:
        return WindowSet, SubjectSplit
    from kerashar.data.images import ImageSet, ImageSplit  # their package imports this one's

    return ImageSet, ImageSplit
