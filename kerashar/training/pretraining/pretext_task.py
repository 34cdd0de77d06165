"""What pretext tasks share."""

from collections.abc import Callable
from typing import Any

import keras

from kerashar.data import WindowSet

Augment = Callable[[Any, int], Any]  # of a symbolic window and the number of a view, whose draws are its own


class PretextTask:
    """A task that windows without labels set by themselves.

    Use it as the base of such a task: give `network`, and `augmentation` if views have to differ.
    """

    def augmentation(self, training: WindowSet) -> dict[str, Any]:
        """The augmentations of a recipe that names none, as a recipe holds them."""
        return {}

    def network(self, backbone: keras.Model, training: WindowSet, augment: Augment, seed: int) -> keras.Model:
        """The backbone inside a model from windows to what the task asks, which adds the task's loss to itself.

        Args:
            backbone: from windows to features `(batch, features)`.
            training: the windows to train on.
            augment: augments symbolic windows.
            seed: of the task's own draws.
        """
        raise NotImplementedError
