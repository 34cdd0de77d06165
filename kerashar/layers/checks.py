"""What layers refuse at construction."""

from collections.abc import Sequence
from typing import Any

from kerashar.names import unknown_name


def known_channels(input_shape: tuple[int | None, ...]) -> int:
    """The channels of a shape; ValueError where they are not known, since weights depend on them."""
    channels = input_shape[-1]
    if channels is None:
        raise ValueError(f"Expected a known number of channels. Received: input_shape={tuple(input_shape)}.")
    return channels


def check_sizes(**sizes: int) -> None:
    """Refuse sizes that are not whole numbers of at least 1; the message names the argument."""
    for name, size in sizes.items():
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise ValueError(f"Expected {name} to be a whole number of at least 1. Received: {name}={size!r}.")


def check_each_size(**sizes: Sequence[int]) -> None:
    """Refuse what is not a sequence of whole numbers of at least 1, or is empty; the message names the argument."""
    for name, values in sizes.items():
        if not isinstance(values, Sequence) or not values:
            raise ValueError(f"Expected {name} to be a sequence of sizes, not empty. Received: {name}={values!r}.")
        for value in values:
            check_sizes(**{name: value})


def check_share(**shares: float) -> None:
    """Refuse shares outside [0, 1), such as a dropout of 1; the message names the argument."""
    for name, share in shares.items():
        if not 0 <= share < 1:
            raise ValueError(f"Expected {name} to be at least 0 and below 1. Received: {name}={share!r}.")


def check_memory(memory: int | None, causal: bool) -> None:
    """Refuse a memory that is not a whole number of at least 1, or that what is not causal would ignore."""
    if memory is None:
        return
    check_sizes(memory=memory)
    if not causal:
        raise ValueError(
            f"Expected causal=True with a memory: else the whole window is seen. Received: memory={memory}."
        )


def check_choice(argument: str, value: Any, known: tuple[str, ...]) -> None:
    """Refuse a word that is not one of `known`; the message gives the nearest."""
    if value not in known:
        raise unknown_name(argument, value, known)


def check_window_shape(window_shape: Sequence[int | None]) -> None:
    """Refuse a shape that is not `(time, channels)` with a known number of channels; time may be `None`."""
    time, channels = window_shape if len(window_shape) == 2 else (0, 0)
    if channels is None or channels < 1 or (time is not None and time < 1):
        raise ValueError(f"Expected window_shape (time, channels). Received: window_shape={tuple(window_shape)}.")


def check_image_shape(image_shape: Sequence[int]) -> None:
    """Refuse a shape that is not `(height, width, channels)`, all known."""
    if len(image_shape) != 3 or not all(isinstance(size, int) and size > 0 for size in image_shape):
        raise ValueError(f"Expected image_shape (height, width, channels). Received: image_shape={tuple(image_shape)}.")


def check_image_sides(image_shape: Sequence[int], at_least: int = 1, multiple_of: int = 1) -> None:
    """Refuse what is not an image shape, and sides that are too short for a model or that its halvings don't divide."""
    check_image_shape(image_shape)
    received = f"Received: image_shape={tuple(image_shape)}."
    if min(image_shape[:2]) < at_least:
        raise ValueError(f"Expected height and width of at least {at_least}. {received}")
    if any(side % multiple_of for side in image_shape[:2]):
        raise ValueError(f"Expected height and width to be multiples of {multiple_of}. {received}")


def check_classes(num_classes: int) -> None:
    """Refuse a negative number of classes; 0 asks for the backbone."""
    if num_classes < 0:
        raise ValueError(f"Expected num_classes to be at least 0. Received: num_classes={num_classes}.")
