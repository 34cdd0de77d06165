"""Recordings that stand out from the others of the data set."""

from collections.abc import Callable, Sequence
from itertools import permutations, product

import numpy as np

from kerashar.data.quality.problem import Problem
from kerashar.data.quality.recording_facts import RecordingFacts

_ENOUGH = 4  # recordings of a label; among fewer it isn't clear who stands out
_AGREED = 0.8  # cosine to the common direction (37 degrees), which three quarters of the recordings have to reach
_TURNED = 0.5  # cosine in the middle label: 60 degrees; who just lies on the other side is off in few labels
_MENDED = 0.9  # mean cosine once axes are exchanged: 26 degrees
# Per person and recording, tempos of one activity lie within a factor of 1.6 in the data sets that kerashar knows.
_TEMPO = 1.75
_BAND = 1.5  # filters and sensors of one kind cut within a few percent of each other
_NARROW = 0.6  # of half the rate: a device's own filter leaves more


def turned_axes(facts: Sequence[RecordingFacts]) -> list[Problem]:
    """Gravity points elsewhere than in the other recordings, and exchanging or flipping axes would mend it."""
    common = _common_directions(facts)
    problems = []
    for one in facts:
        labels = sorted(one.directions.keys() & common.keys())
        if not labels:
            continue
        ours = np.array([one.directions[label] for label in labels])
        theirs = np.array([common[label] for label in labels])
        agreement = float(np.median((ours * theirs).sum(axis=1)))
        mending, mended = max(
            ((turn, float((ours[:, turn[0]] * turn[1] * theirs).sum(axis=1).mean())) for turn in _TURNS),
            key=lambda candidate: candidate[1],
        )
        if agreement < _TURNED and mended > _MENDED:
            angle = np.degrees(np.arccos(np.clip(agreement, -1, 1)))
            axes = ", ".join(
                f"{'-' if sign < 0 else ''}{'xyz'[axis]} as {name}"
                for name, axis, sign in zip("xyz", *mending, strict=True)
                if (sign, "xyz"[axis]) != (1, name)
            )
            problems.append(
                Problem(
                    "warning",
                    "turned axes",
                    f"In the middle one of {len(labels)} labels gravity points {angle:.0f} degrees away from where "
                    f"most recordings have it; taking {axes} would mend it.",
                    "Check how the sensor was worn and the order of the columns; gravity can't tell which it is.",
                    recording=one.recording,
                    subject=one.subject,
                )
            )
    return problems


# How three axes can be exchanged and flipped: the axis to take and its sign, for x, y and z. Those that change
# least come first, since among equals the first is reported.
_TURNS = sorted(
    ((list(order), np.array(signs)) for order in permutations(range(3)) for signs in product((1, -1), repeat=3)),
    key=lambda turn: (sum(axis != place for place, axis in enumerate(turn[0])), -turn[1].sum()),
)


def _common_directions(facts: Sequence[RecordingFacts]) -> dict[str, np.ndarray]:
    """Where gravity points under each label, if most recordings agree."""
    common = {}
    for label in sorted({label for one in facts for label in one.directions}):
        directions = np.array([one.directions[label] for one in facts if label in one.directions])
        middle = np.median(directions, axis=0)
        middle /= max(float(np.linalg.norm(middle)), 1e-12)
        if len(directions) >= _ENOUGH and np.quantile(directions @ middle, 0.25) >= _AGREED:
            common[label] = middle
    return common


def odd_tempos(facts: Sequence[RecordingFacts]) -> list[Problem]:
    """Movements are far faster or slower than under the same labels in the other recordings."""
    ratios = _ratios(facts, lambda one: one.tempos)
    return [
        Problem(
            "warning",
            "odd tempo",
            f"Over {len(one.tempos)} labels movements are {ratio:.2f} times as fast as in the middle recording.",
            f"Check the rate of this recording: {one.rate:g} Hz are declared. Some people do move otherwise.",
            recording=one.recording,
            subject=one.subject,
        )
        for one, ratio in ratios
        if not 1 / _TEMPO < ratio < _TEMPO
    ]


def odd_bands(facts: Sequence[RecordingFacts]) -> list[Problem]:
    """A sensor has no power above a frequency far below half the rate, or other than in the other recordings."""
    advice = "Find out how it was recorded: it was filtered, or resampled from a lower rate."
    problems = []
    for sensor in sorted({sensor for one in facts for sensor in one.band_limits}):
        having = [one for one in facts if sensor in one.band_limits]
        middle = float(np.median([one.band_limits[sensor] for one in having]))
        if narrow := sum(one.band_limits[sensor] < _NARROW * one.rate / 2 for one in having):
            problems.append(
                Problem(
                    "note",
                    "narrow band",
                    f"In {narrow} of {len(having)} recordings there is no power in the upper part of the band; "
                    f"in the middle one none above {middle:.3g} Hz.",
                    advice,
                    channel=sensor,
                )
            )
        if len(having) < _ENOUGH:
            continue
        problems += [
            Problem(
                "warning",
                "odd band",
                f"No power above {one.band_limits[sensor]:.3g} Hz; in the middle recording there is up to "
                f"{middle:.3g} Hz.",
                advice,
                recording=one.recording,
                subject=one.subject,
                channel=sensor,
            )
            for one in having
            if not 1 / _BAND < one.band_limits[sensor] / middle < _BAND
        ]
    return problems


def copied_recordings(facts: Sequence[RecordingFacts]) -> list[Problem]:
    """Two recordings hold the same samples under different names."""
    first: dict[str, RecordingFacts] = {}
    problems = []
    for one in facts:
        other = first.setdefault(one.digest, one)
        if other is not one:
            problems.append(
                Problem(
                    "error",
                    "copied recording",
                    f"All {one.samples} samples are those of {other.recording} (subject {other.subject}).",
                    "Leave one of the two out.",
                    recording=one.recording,
                    subject=one.subject,
                    sample=0,
                    seconds=0.0,
                )
            )
    return problems


def _ratios(
    facts: Sequence[RecordingFacts], values: Callable[[RecordingFacts], dict[str, float]]
) -> list[tuple[RecordingFacts, float]]:
    """Per recording, the middle ratio over labels of its value to that of the middle recording."""
    by_label: dict[str, list[float]] = {}
    for one in facts:
        for label, value in values(one).items():
            by_label.setdefault(label, []).append(value)
    middles = {label: float(np.median(found)) for label, found in by_label.items() if len(found) >= _ENOUGH}
    ratios = []
    for one in facts:
        ours = [value / middles[label] for label, value in values(one).items() if label in middles]
        if ours:
            ratios.append((one, float(np.median(ours))))
    return ratios
