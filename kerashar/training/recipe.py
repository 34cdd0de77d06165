"""What a training run is made of, apart from its data."""

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from kerashar.features.arrays.stack import Mode
from kerashar.names import unknown_name


@dataclass(frozen=True)
class Recipe:
    """Settings of one training run; with the data and the backend they reproduce it.

    Use it to describe a run to `kerashar.train` and to read back what a run folder's `recipe.json` holds.

    Args:
        model: name of a registered model.
        model_settings: arguments of the model's constructor.
        features: by the feature's name its arguments, True for its defaults, False to leave it out, or a number: its
            first argument besides the sampling rate. With any the model is a `FeatureModel`.
        features_mode: how the model gets them: `"channels"`, `"replace"`, `"branch"` or `"vector"`.
        augmentation: the same for augmentations, which act in training alone, in this order; those that mix samples,
            mixup and cut_mix, come last whatever the order.
        epochs: passes over the training windows.
        batch_size: windows in one step.
        learning_rate: highest rate of AdamW, reached after the warm-up and followed by a cosine down to zero.
        weight_decay: decoupled weight decay of AdamW; biases and norms are left out.
        warmup_share: share of all steps over which the rate rises from zero.
        clip_norm: bound on the norm of all gradients together.
        label_smoothing: share of each label spread evenly over the classes.
        patience: epochs without a better macro F1 on the validation windows after which training stops.
        seed: seed of weights, shuffling and dropout.

    Raises:
        ValueError: a value out of its range.

    Example:
        >>> Recipe(epochs=3).to_json()["learning_rate"]
        0.002
    """

    model: str = "modern_tcn"
    model_settings: dict[str, Any] = field(default_factory=dict)
    features: dict[str, Any] = field(default_factory=dict)
    features_mode: Mode = "channels"
    augmentation: dict[str, Any] = field(default_factory=dict)
    epochs: int = 10
    batch_size: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    warmup_share: float = 0.1
    clip_norm: float = 1.0
    label_smoothing: float = 0.1
    patience: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "patience"):
            self._expect(
                name,
                "a whole number of at least 1",
                isinstance(getattr(self, name), int) and getattr(self, name) >= 1,
            )
        for name in ("learning_rate", "clip_norm"):
            self._expect(name, "above 0", getattr(self, name) > 0)
        self._expect("weight_decay", "at least 0", self.weight_decay >= 0)
        for name in ("warmup_share", "label_smoothing"):
            self._expect(name, "at least 0 and below 1", 0 <= getattr(self, name) < 1)
        self._expect("seed", "a whole number of at least 0", isinstance(self.seed, int) and self.seed >= 0)

    def _expect(self, name: str, what: str, holds: bool) -> None:
        if not holds:
            raise ValueError(f"Expected {name} to be {what}. Received: {name}={getattr(self, name)!r}.")

    def to_json(self) -> dict[str, Any]:
        """The recipe as plain data for a JSON file."""
        return json.loads(json.dumps(asdict(self)))

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Recipe":
        """The recipe that `to_json` wrote; an unknown setting is a ValueError that names the nearest one."""
        known = {each.name for each in fields(cls)}
        for name in data:
            if name not in known:
                raise unknown_name("recipe setting", name, known)
        return cls(**data)
