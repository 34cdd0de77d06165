"""Checks of recordings and windows, each a function that gives the problems it finds."""

from collections.abc import Callable

from kerashar.data.quality.checks.flat import flat_stretches, frozen_stretches, silent_channels
from kerashar.data.quality.checks.gravity import gravity_magnitude
from kerashar.data.quality.checks.repetition import held_values, interpolated_values
from kerashar.data.quality.checks.saturation import saturated
from kerashar.data.quality.checks.spikes import spikes
from kerashar.data.quality.problem import Problem
from kerashar.data.recording import Recording

RECORDING_CHECKS: tuple[Callable[[Recording], list[Problem]], ...] = (
    silent_channels,
    flat_stretches,
    frozen_stretches,
    saturated,
    spikes,
    held_values,
    interpolated_values,
    gravity_magnitude,
)


def check_recording(recording: Recording) -> list[Problem]:
    """Everything that a recording by itself can tell."""
    return [problem for check in RECORDING_CHECKS for problem in check(recording)]


def sentence(check: Callable[..., list[Problem]]) -> str:
    """What a check looks for: the first line of its docstring."""
    return (check.__doc__ or check.__name__).splitlines()[0]
