"""What a trained model takes and says, which travels in its file."""

from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class InputCard:
    """What a model was trained on: what it takes, in which units, and what its classes are called.

    `kerashar.train` gives one to its models as `model.input_card`; `save_model` writes it into the file, and
    `load_model` gives it back. So a file and raw data are all that a prediction needs, and other data are refused.

    Args:
        item: `"window"` or `"image"`.
        class_names: in the order of the logits.
        sample_shape: `(time, channels)`, or `(height, width, channels)`.
        rate: samples per second (Hz); None for images.
        channels: one name per channel of a window; empty for images.
        units: one unit per channel of a window; empty for images.

    Raises:
        ValueError: parts that are no text or numbers, or don't fit each other.

    Example:
        >>> card = InputCard("window", ("still", "walking"), (128, 1), 50.0, ("x",), ("g",))
        >>> InputCard.from_json(card.to_json()) == card
        True
    """

    item: str
    class_names: tuple[str, ...]
    sample_shape: tuple[int, ...]
    rate: float | None = None
    channels: tuple[str, ...] = ()
    units: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("class_names", "sample_shape", "channels", "units"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        texts = (self.item, *self.class_names, *self.channels, *self.units)
        named = len(self.sample_shape) == 2 and len(self.channels) == len(self.units) == self.sample_shape[-1]
        fits = {
            "window": named and isinstance(self.rate, int | float) and self.rate > 0,
            "image": len(self.sample_shape) == 3 and self.rate is None and not self.channels and not self.units,
        }
        numbers = all(isinstance(size, int) and size > 0 for size in self.sample_shape)
        if not numbers or not all(isinstance(text, str) for text in texts) or not fits.get(self.item, False):
            raise ValueError(f"Expected a card of windows or images whose parts fit each other. Received: {self}.")

    def to_json(self) -> dict[str, Any]:
        """The card as plain data for a JSON file."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "InputCard":
        """The card that `to_json` wrote; ValueError for anything else."""
        known = {field.name for field in fields(cls)}
        if set(data) != known:
            raise ValueError(f"Expected a card with {', '.join(sorted(known))}. Received: {', '.join(sorted(data))}.")
        return cls(**data)

    def differences(self, other: "InputCard") -> list[str]:
        """In words what another card has that this one's model doesn't take; shapes and classes are left out."""
        pairs = {name: (getattr(self, name), getattr(other, name)) for name in ("item", "rate", "channels", "units")}
        return [f"{name} {theirs} in place of {ours}" for name, (ours, theirs) in pairs.items() if ours != theirs]
