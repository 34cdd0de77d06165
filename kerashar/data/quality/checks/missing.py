"""Values that are missing from an array."""

import numpy as np

from kerashar.data.quality.checks.parts import runs
from kerashar.data.quality.problem import Problem, counted


def missing_values(signal: np.ndarray, rate: float, channels: tuple[str, ...]) -> list[Problem]:
    """A value is NaN or infinite."""
    problems = []
    for channel, missing in zip(channels, ~np.isfinite(signal).T, strict=True):
        starts, stops = runs(missing)
        if len(starts):
            problems.append(
                Problem(
                    "error",
                    "missing values",
                    f"{counted(int(missing.sum()), 'sample')} ({missing.mean():.2%}) NaN or infinite, "
                    f"in {counted(len(starts), 'run')} of up to {(stops - starts).max() / rate:.2f} s.",
                    "Fill short gaps by interpolation, and cut the recording at long ones.",
                    channel=channel,
                    sample=int(starts[0]),
                    seconds=round(int(starts[0]) / rate, 3),
                )
            )
    return problems
