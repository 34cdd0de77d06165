"""Channels that stand still while others move."""

import numpy as np

from kerashar.data.quality.checks.parts import runs
from kerashar.data.quality.problem import Problem, counted, found_in
from kerashar.data.recording import Recording

FLAT_SECONDS = 1.0  # noise moves a healthy channel by its last digit many times a second
_FLAT_SAMPLES = 8  # at least, since slow sensors repeat a value now and then
_OTHERS_MOVE = 0.5  # share of the samples in which another channel changes
_MUCH = 0.1  # share of a recording; what is flat for so long isn't worth keeping


def silent_channels(recording: Recording) -> list[Problem]:
    """A channel has one value throughout a recording."""
    silent = np.flatnonzero((recording.signal == recording.signal[0]).all(axis=0))
    return [
        found_in(
            recording,
            "error",
            "silent channel",
            f"All {len(recording.signal)} samples are {recording.signal[0, column]:g}.",
            "Leave the channel out, or the recording if others have it.",
            channel=recording.channels[column],
            sample=0,
        )
        for column in silent
        if len(recording.signal) > 1
    ]


def flat_stretches(recording: Recording) -> list[Problem]:
    """A channel stays the same for a second or more while others move."""
    still = recording.signal[1:] == recording.signal[:-1]
    live = np.flatnonzero(~still.all(axis=0))
    shortest = max(_FLAT_SAMPLES, round(FLAT_SECONDS * recording.rate))
    problems = []
    for column in live:
        others = ~still[:, live[live != column]]
        found = [
            (start, stop)
            for start, stop in zip(*runs(still[:, column]), strict=True)
            if stop - start + 1 >= shortest and others.shape[1] and others[start:stop].mean() > _OTHERS_MOVE
        ]
        if found:
            samples = sum(stop - start + 1 for start, stop in found)
            share = samples / len(recording.signal)
            problems.append(
                found_in(
                    recording,
                    "error" if share > _MUCH else "warning",
                    "flat stretch",
                    f"No change {counted(len(found), 'time')}, together {samples / recording.rate:.2f} s "
                    f"({share:.1%} of the recording).",
                    "Cut the recording there, or leave the channel out.",
                    channel=recording.channels[column],
                    sample=found[0][0],
                )
            )
    return problems


def frozen_stretches(recording: Recording) -> list[Problem]:
    """All channels together stay the same for a second or more."""
    still = (recording.signal[1:] == recording.signal[:-1]).all(axis=1)
    starts, stops = runs(still)
    long = stops - starts + 1 >= max(_FLAT_SAMPLES, round(FLAT_SECONDS * recording.rate))
    if not long.any() or still.all():
        return []
    samples = int((stops - starts + 1)[long].sum())
    return [
        found_in(
            recording,
            "warning",
            "frozen stretch",
            f"No channel changes {counted(int(long.sum()), 'time')}, together {samples / recording.rate:.2f} s.",
            "The recorder seems to have stalled or filled a gap; cut the recording there.",
            sample=starts[long][0],
        )
    ]
