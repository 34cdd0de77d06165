"""What augmentations refuse at construction."""

from typing import Any

from kerashar.features.checks import check_not_negative


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
