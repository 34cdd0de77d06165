"""Labels that are missing, too short to use, or unevenly spread."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from kerashar.data.images.image_set import ImageSet
from kerashar.data.quality.problem import Problem
from kerashar.data.quality.recording_facts import RecordingFacts
from kerashar.data.window_set import WindowSet

_LOST = 0.1  # share of the labelled time that short segments may cost without a word
_UNLABELLED = 0.5  # share of the samples
_UNEVEN, _VERY_UNEVEN = 3.0, 10.0  # times as many windows in the largest class as in the smallest


def unused_time(facts: Sequence[RecordingFacts], class_names: Sequence[str], seconds: float) -> list[Problem]:
    """Labelled segments are shorter than a window, or much time carries no label."""
    kept = [
        (one, label, start, length) for one in facts for label, start, length in one.segments if label in class_names
    ]
    problems = []
    short = [part for part in kept if part[3] < round(seconds * part[0].rate)]
    if short:
        lost = sum(length / one.rate for one, _, _, length in short)
        share = lost / sum(length / one.rate for one, _, _, length in kept)
        one, label, start, length = short[0]
        classes = ", ".join(f"{name} ({count})" for name, count in Counter(part[1] for part in short).most_common(3))
        problems.append(
            Problem(
                "warning" if share > _LOST else "note",
                "short segments",
                f"{len(short)} of {len(kept)} segments are shorter than a window of {seconds:g} s: {lost:.1f} s are "
                f"lost, {share:.1%} of the labelled time. Most in {classes}; the first is {label}, "
                f"{length / one.rate:.2f} s.",
                "Cut shorter windows if these segments matter.",
                recording=one.recording,
                subject=one.subject,
                sample=start,
                seconds=round(start / one.rate, 3),
            )
        )
    total = sum(one.samples / one.rate for one in facts)
    labelled = sum(length / one.rate for one in facts for _, _, length in one.segments)
    if (share := 1 - labelled / total) > _UNLABELLED:
        problems.append(
            Problem(
                "note",
                "unlabelled time",
                f"Of {total / 60:.1f} min, {share:.0%} without a label.",
                "They aren't used to train or test; a model in use meets such data all the same.",
            )
        )
    return problems


def missing_classes(examples: WindowSet | ImageSet, sides: Mapping[str, np.ndarray]) -> list[Problem]:
    """A class has nothing on a side of the split."""
    return [
        Problem(
            "error",
            "empty class",
            f"Nothing of the class {name} on the side {side}.",
            "Choose other test subjects, or drop the class.",
        )
        for side, mask in sides.items()
        for name, count in _counts(examples, mask).items()
        if not count
    ]


def imbalance(examples: WindowSet | ImageSet, sides: Mapping[str, np.ndarray]) -> list[Problem]:
    """A class is several times as large as another."""
    problems = []
    for side, mask in sides.items():
        counts = _counts(examples, mask)
        largest, smallest = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
        if counts[smallest] and (ratio := counts[largest] / counts[smallest]) > _UNEVEN:
            problems.append(
                Problem(
                    "warning" if ratio > _VERY_UNEVEN else "note",
                    "imbalance",
                    f"On the side {side}, {largest} occurs {counts[largest]} times, {ratio:.1f} times as often as "
                    f"{smallest} ({counts[smallest]}).",
                    "Report the macro F1, and weight the classes in training.",
                )
            )
    return problems


def subjects_without_a_class(windows: WindowSet) -> list[Problem]:
    """A subject has no window of a class."""
    problems = []
    for subject in np.unique(windows.subjects):
        counts = _counts(windows, windows.subjects == subject)
        if lacking := [name for name, count in counts.items() if not count]:
            problems.append(
                Problem(
                    "note",
                    "subject without a class",
                    f"No window of {', '.join(lacking)}.",
                    "Scores of single subjects then rest on fewer classes.",
                    subject=str(subject),
                )
            )
    return problems


def _counts(examples: WindowSet | ImageSet, mask: np.ndarray) -> dict[str, int]:
    labels = np.empty(0, dtype=np.int64) if examples.labels is None else examples.labels[mask]
    counts = np.bincount(labels, minlength=examples.num_classes)
    return {name: int(count) for name, count in zip(examples.class_names, counts, strict=True)}
