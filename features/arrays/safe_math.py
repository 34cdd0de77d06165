"""Arithmetic that stays finite on constant, zero and denormal windows."""

import numpy as np

SMALLEST = np.finfo("float32").tiny  # of the normal numbers


def safe_divide(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """The quotient, and 0 where the denominator is 0 or denormal."""
    divides = np.abs(denominator) >= SMALLEST
    return np.where(divides, numerator / np.where(divides, denominator, 1), 0)


def centred(windows: np.ndarray, axis: int = 1) -> np.ndarray:
    """Windows without their mean: exactly 0 where they are constant, also where the mean is rounded."""
    from_lowest = windows - windows.min(axis=axis, keepdims=True)
    return from_lowest - from_lowest.mean(axis=axis, keepdims=True)


def scaled(windows: np.ndarray, axis: int = 1) -> np.ndarray:
    """Windows divided by their largest magnitude, so that powers of it neither vanish nor overflow; 0 stays 0."""
    return safe_divide(windows, np.abs(windows).max(axis=axis, keepdims=True))
