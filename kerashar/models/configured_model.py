"""A model that is rebuilt from its constructor's arguments."""

import inspect
from typing import Any

import keras
import numpy as np

from kerashar.models.input_card import InputCard


class ConfiguredModel(keras.Model):
    """Base of the registered models: its config is what its constructor was given.

    Use it for a Functional model whose constructor keeps each argument as an attribute of the same name. Keras itself
    would save the graph, which loses the constructor and with it the meaning of the settings.
    """

    input_card: InputCard | None = None  # what it was trained on; it is no setting

    def get_config(self) -> dict[str, Any]:
        arguments = inspect.signature(type(self).__init__).parameters
        return {name: getattr(self, name) for name in arguments if name != "self"}

    def fit_normalization(self, windows: np.ndarray) -> None:
        """Fit the layer named `normalization` on training windows `(n, time, channels)` in physical units."""
        self.get_layer("normalization").fit(windows)
