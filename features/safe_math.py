"""Arithmetic that stays finite, and has finite gradients, on constant, zero and denormal windows."""

from typing import Any

import numpy as np
from keras import ops

from kerashar import backend

SMALLEST = float(np.finfo("float32").tiny)  # of the normal numbers; backends flush what lies below


def safe_divide(numerator: Any, denominator: Any) -> Any:
    """The quotient, and 0 where the denominator is 0 or denormal."""
    divides = ops.abs(denominator) >= SMALLEST
    return ops.where(divides, numerator / ops.where(divides, denominator, 1.0), 0.0)


def safe_sqrt(square: Any) -> Any:
    """The square root, whose gradient at 0 is 0."""
    if not backend.may_differentiate(square):
        return ops.sqrt(ops.relu(square))
    positive = square > 0
    return ops.where(positive, ops.sqrt(ops.where(positive, square, 1.0)), 0.0)


def centred(signal: Any, axis: int = 1) -> Any:
    """A signal without its mean: exactly 0 where it is constant, also where the mean is rounded."""
    from_lowest = signal - ops.stop_gradient(ops.min(signal, axis=axis, keepdims=True))
    return from_lowest - ops.mean(from_lowest, axis=axis, keepdims=True)


def scaled(signal: Any, axis: int = 1) -> Any:
    """A signal divided by its largest magnitude, so that powers of it neither vanish nor overflow; 0 stays 0.

    The divisor counts as a constant for the gradient: take it where the scale cancels.
    """
    return safe_divide(signal, ops.stop_gradient(ops.max(ops.abs(signal), axis=axis, keepdims=True)))
