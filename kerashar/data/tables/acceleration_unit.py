"""The unit of acceleration, from gravity."""

import numpy as np

_AT_REST = {"g": 1.0, "m/s2": 9.81}
_LEAST, _MOST = 0.8, 1.3  # share of gravity that the median reaches in spite of motion and poor calibration


def acceleration_unit(norms: np.ndarray) -> str | None:
    """The unit in which the median norm of acceleration is near gravity; None if it is in neither.

    Example:
        >>> acceleration_unit(np.array([0.9, 1.0, 1.4])), acceleration_unit(np.array([10.1]))
        ('g', 'm/s2')
    """
    seen = norms[np.isfinite(norms)]
    middle = np.median(seen) if len(seen) else 0.0
    return next((unit for unit, rest in _AT_REST.items() if _LEAST * rest <= middle <= _MOST * rest), None)
