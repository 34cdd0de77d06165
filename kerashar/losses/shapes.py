"""What losses of numbers refuse."""

from typing import Any


def check_same_shape(targets: Any, outputs: Any) -> None:
    """Refuse targets that would be broadcast against the outputs; `(batch,)` beside `(batch, 1)` is the same."""
    shapes = [tuple(tensor.shape) for tensor in (targets, outputs)]
    of_target, of_output = (shape[1:] or (1,) for shape in shapes)
    if len(of_target) != len(of_output) or any(
        None not in pair and pair[0] != pair[1] for pair in zip(of_target, of_output, strict=True)
    ):
        raise ValueError(f"Expected targets of the outputs' shape {shapes[1]}. Received: targets of shape {shapes[0]}.")
