"""What a model reaches, and what it loses without some of its channels."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Importance:
    """How much worse a model gets without each group of channels.

    Args:
        groups: their names.
        reached: `accuracy`, `macro_f1` and `loss` (cross-entropy in nats) with all channels.
        drops: for each of these `(groups, repeats)`: by how much it is worse, accuracy and macro F1 lower and the loss
            higher. Below 0 the model is better without.

    Example:
        >>> drops = {name: np.array([[0.2, 0.4]]) for name in ("accuracy", "macro_f1", "loss")}
        >>> Importance(("wrist",), {"accuracy": 0.9, "macro_f1": 0.9, "loss": 0.3}, drops).rows()[0]["accuracy"]
        0.3
    """

    groups: tuple[str, ...]
    reached: dict[str, float]
    drops: dict[str, np.ndarray]

    def rows(self) -> list[dict[str, str | float]]:
        """For each group its name, and mean and deviation over the repeats of how much worse each figure is."""
        return [
            {
                "group": name,
                **{
                    key: round(float(value), 6)
                    for figure, drops in self.drops.items()
                    for key, value in ((figure, drops[at].mean()), (f"{figure}_deviation", drops[at].std()))
                },
            }
            for at, name in enumerate(self.groups)
        ]
