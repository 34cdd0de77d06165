"""What features and augmentations refuse at construction."""

import math
from typing import Any


def check_rate(sampling_rate: float) -> None:
    """Refuse a sampling rate that is missing, not finite or not positive."""
    if not isinstance(sampling_rate, (int, float)) or not math.isfinite(sampling_rate) or sampling_rate <= 0:
        raise ValueError(f"Expected sampling_rate above 0, in Hz. Received: sampling_rate={sampling_rate!r}.")


def check_samples(input_shape: tuple[int, ...], fewest: int) -> None:
    """Refuse windows `(time, channels)` of too few samples."""
    if input_shape[0] < fewest:
        raise ValueError(
            f"Expected windows of at least {fewest} samples. Received: shape={input_shape}, so time={input_shape[0]}."
        )


def check_shape(layer: Any, input_shape: Any) -> tuple[int, ...]:
    """Refuse a shape with its batch axis whose `dimensions` the layer doesn't take, or of unknown sizes.

    Returns:
        The shape of one window or image.
    """
    sizes = tuple(input_shape)[1:]
    if len(sizes) - 1 not in layer.dimensions or not all(sizes):
        shapes = {1: "(batch, time, channels)", 2: "(batch, height, width, channels)"}
        takes = " or ".join(shapes[dimension] for dimension in layer.dimensions)
        raise ValueError(
            f"Expected {takes} with known sizes for {type(layer).__name__}. Received: shape={tuple(input_shape)}."
        )
    return sizes


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


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
