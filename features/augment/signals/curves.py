"""Smooth random curves over a window."""

from functools import cache
from typing import Any

import numpy as np
from keras import ops
from scipy.interpolate import CubicSpline

from kerashar.features.augment.draws import Draws


def smooth_curves(draws: Draws, time: int, channels: int, knots: int) -> Any:
    """Cubic splines through random values of mean 0 and deviation 1 at evenly spaced knots, both ends included.

    Returns:
        Tensor `(batch, time, channels)`.
    """
    return ops.matmul(ops.convert_to_tensor(_spline_basis(time, knots)), draws.normal(knots, channels))


def check_knots(knots: int) -> None:
    """Refuse what is not a whole number of at least 2, since both ends of a curve are knots."""
    if not isinstance(knots, int) or isinstance(knots, bool) or knots < 2:
        raise ValueError(f"Expected knots to be a whole number of at least 2. Received: knots={knots!r}.")


@cache
def _spline_basis(time: int, knots: int) -> np.ndarray:
    """What each sample takes of the value at each knot, `(time, knots)`."""
    places = np.linspace(0, 1, knots)
    return CubicSpline(places, np.eye(knots))(np.linspace(0, 1, time)).astype("float32")
