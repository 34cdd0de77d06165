"""What augmentations refuse at construction."""

import math
from typing import Any


def check_within(low: float, high: float, **values: float) -> None:
    """Refuse what is not a number from `low` to `high`; the message names the argument."""
    for name, value in values.items():
        if not _is_number(value) or not low <= value <= high:
            raise ValueError(f"Expected {name} to be from {low} to {high}. Received: {name}={value!r}.")


def check_not_negative(**values: float) -> None:
    """Refuse what is not a finite number of at least 0; the message names the argument."""
    for name, value in values.items():
        if not _is_number(value) or value < 0:
            raise ValueError(f"Expected {name} to be a number of at least 0. Received: {name}={value!r}.")


def check_positive(**values: float) -> None:
    """Refuse what is not a finite number above 0; the message names the argument."""
    for name, value in values.items():
        if not _is_number(value) or value <= 0:
            raise ValueError(f"Expected {name} to be a number above 0. Received: {name}={value!r}.")


def check_range(low: float, high: float, **ranges: Any) -> None:
    """Refuse what is not two numbers in order, both from `low` to `high`; the message names the argument."""
    for name, bounds in ranges.items():
        pair = isinstance(bounds, (tuple, list)) and len(bounds) == 2 and all(map(_is_number, bounds))
        if not pair or not low <= bounds[0] <= bounds[1] <= high:
            raise ValueError(
                f"Expected {name} to be two numbers in order, from {low} to {high}. Received: {name}={bounds!r}."
            )


def check_value_range(value_range: Any) -> None:
    """Refuse what is not two finite numbers, the second above the first."""
    check_range(float("-inf"), float("inf"), value_range=value_range)
    if value_range[0] == value_range[1]:
        raise ValueError(f"Expected value_range to be two different numbers. Received: value_range={value_range}.")


def check_deviation(deviation: Any) -> None:
    """Refuse what is not a deviation of at least 0, or a tuple of them, one per channel."""
    many = isinstance(deviation, (tuple, list))
    for single in deviation if many else (deviation,):
        check_not_negative(deviation=single)
    if many and not deviation:
        raise ValueError(f"Expected a deviation for each channel. Received: deviation={deviation!r}.")


def check_deviation_fits(deviation: Any, channels: int) -> None:
    """Refuse deviations that are not as many as the channels."""
    if isinstance(deviation, (tuple, list)) and len(deviation) != channels:
        raise ValueError(
            f"Expected one deviation, or one for each of the {channels} channels. Received: deviation={deviation!r}."
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
