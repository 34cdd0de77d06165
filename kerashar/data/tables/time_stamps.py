"""What a few time stamps tell about their unit and the rate of sampling."""

import numpy as np

from kerashar.data.tables.table_layout import SECONDS

TOLERANCE = 0.05  # share by which a rate may be off: clocks of phones are, by a few percent
_EPOCH = (0.9e9, 4.2e9)  # seconds since 1970, of the years 1998 to 2103
_RATES = (2.0, 900.0)  # Hz, what worn sensors do; below a factor of 1000, so that one unit fits at most
_BURSTS = 0.01  # share of stamps that are the one before, from which on samples come in bursts
_GAP = 20  # usual steps
# Rates that sensors are set to; one that was measured is taken for the nearest of them.
_USUAL = (1, 2, 4, 5, 8, 10, 12.5, 16, 20, 25, 26, 30, 31.25, 32, 40, 50, 52, 60, 62.5, 64, 75, 80, 90, 100, 104)
_USUAL += (119, 120, 125, 128, 148, 150, 200, 204.8, 208, 238, 240, 250, 256, 300, 400, 416, 476, 500, 512, 800, 833)
_USUAL += (952, 1000, 1024, 1600, 2000)


def measured_rate(steps: np.ndarray) -> float | None:
    """Samples per second, from the seconds between samples; None where stamps don't tell.

    The median finds the usual step in spite of gaps; the mean of steps near it makes up for stamps that are rounded.
    Where samples come in bursts, some of one stamp and a pause, the mean of all is right, and of those without gaps.

    Example:
        >>> measured_rate(np.array([0.02, 0.02, 0.04, 0.02]))
        50.0
    """
    ahead = steps[steps > 0]
    if not len(ahead):
        return None
    middle = np.median(ahead)
    if np.mean(steps == 0) > _BURSTS:
        near = steps[(steps >= 0) & (steps < _GAP * middle)]
    else:
        near = ahead[(ahead > 0.5 * middle) & (ahead < 1.5 * middle)]
    return float(1 / near.mean())


def agree(one: float, other: float) -> bool:
    """Whether two rates are the same for all that clocks can tell."""
    return abs(one - other) <= TOLERANCE * max(one, other)


def usual_rate(measured: float) -> float:
    """The usual rate nearest to one that was measured, if it is within 1 %, else the measured one rounded.

    Example:
        >>> usual_rate(49.7), usual_rate(71.234)
        (50.0, 71.2)
    """
    nearest = min(_USUAL, key=lambda usual: abs(usual - measured))
    return float(nearest) if abs(nearest - measured) <= 0.01 * measured else float(f"{measured:.3g}")


def guess_time_unit(first: float, steps: np.ndarray, rate: float | None) -> str | None:
    """The unit of numeric stamps, from the first stamp and the steps in between; None where it is open.

    Example:
        >>> guess_time_unit(0.0, np.full(9, 20.0), rate=None)
        'ms'
    """
    found = measured_rate(steps)
    if found is None:
        return None
    units = ("s", "ms", "us", "ns")
    for unit in units:
        if _EPOCH[0] <= first * SECONDS[unit] <= _EPOCH[1]:
            return unit
    hertz = {unit: found / SECONDS[unit] for unit in units}
    if rate is not None and (fitting := [unit for unit in units if agree(hertz[unit], rate)]):
        return fitting[0]
    return next((unit for unit in units if _RATES[0] <= hertz[unit] <= _RATES[1]), None)
