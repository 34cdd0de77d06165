"""What augmentations of signals refuse when they are built."""


def check_time(input_shape: tuple[int, ...], least: int = 2) -> None:
    """Refuse windows of fewer samples."""
    if input_shape[0] < least:
        raise ValueError(f"Expected windows of at least {least} samples. Received: shape={input_shape}.")
