"""What features and augmentations refuse at construction."""

import math


def check_rate(sampling_rate: float) -> None:
    """Refuse a sampling rate that is missing, not finite or not positive."""
    if not isinstance(sampling_rate, (int, float)) or not math.isfinite(sampling_rate) or sampling_rate <= 0:
        raise ValueError(f"Expected sampling_rate above 0, in Hz. Received: sampling_rate={sampling_rate!r}.")


def check_samples(time: int, fewest: int) -> None:
    """Refuse windows of too few samples."""
    if time < fewest:
        raise ValueError(f"Expected windows of at least {fewest} samples. Received: time={time}.")
