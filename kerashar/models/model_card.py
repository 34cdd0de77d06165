"""What a user should know of a model before choosing it."""

from dataclasses import dataclass
from typing import Literal

InputKind = Literal["signals", "images"]


@dataclass(frozen=True)
class ModelCard:
    """Origin and facts of a registered model.

    Args:
        title: name as people write it.
        summary: when to use it, in one line.
        paper: authors, title, venue, and link.
        year: year of the paper.
        origin: where the published code lives, or "none".
        code_licence: licence of the published code; ours is written anew.
        differs: what differs from the paper.
        input_shape: default `(time, channels)` or `(height, width, channels)`.
        parameters: number of weights at the default settings, default input and six classes.
        receptive_field: samples that reach one output of the last convolution at the default settings, or None.
        causal: whether an output depends on its own and earlier samples only.
        tolerance: how far float32 logits of the size of a trained model's may be apart between backends; `differs` says
            why where it is more than 1e-5.
        depth: name of the setting that makes the model deeper and its receptive field longer, or None.
    """

    title: str
    summary: str
    paper: str
    year: int
    origin: str
    code_licence: str
    differs: str
    input_shape: tuple[int, ...]
    parameters: int
    receptive_field: int | None
    causal: bool
    depth: str | None = None
    tolerance: float = 1e-5

    @property
    def takes(self) -> InputKind:
        """What the model classifies."""
        return "signals" if len(self.input_shape) == 2 else "images"
