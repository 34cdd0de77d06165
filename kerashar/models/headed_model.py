"""A registered model with a head of one's own."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from kerashar.layers.head import Head
from kerashar.layers.regression_head import RegressionHead
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.trunk import trunk


@keras.saving.register_keras_serializable(package="kerashar")
class HeadedModel(ConfiguredModel):
    """A registered model's backbone with a head: for a number, for classes in order, or for classes by hidden layers.

    Use it for a target that is not a plain set of classes. It takes raw physical units: fit its normalisation on
    training samples with `model.fit_normalization(windows)`.

    Args:
        window_shape: `(time, channels)` of one window, or `(height, width, channels)` of one image.
        head: a `RegressionHead`, an `OrdinalHead` or a `ClassificationHead`. It joins under the name `logits`, a
            `RegressionHead` under `numbers`, and computes in float32 under mixed precision too.
        model: name of the registered model. Defaults to `"modern_tcn"`.
        model_settings: arguments of its constructor. Defaults to its own.

    Input shape:
        `(batch, time, channels)` or `(batch, height, width, channels)`.

    Output shape:
        As the head's.

    Raises:
        ValueError: what is not a head, an unknown model or setting, a model fitted in closed form, or a head that
            pools: the backbone has pooled.

    Example:
        >>> HeadedModel((128, 9), RegressionHead(40.0, 200.0), model_settings={"hidden": 16}).output_shape
        (None, 1)
    """

    def __init__(
        self,
        window_shape: Sequence[int | None],
        head: Head,
        model: str = "modern_tcn",
        model_settings: dict[str, Any] | None = None,
        name: str = "headed_model",
    ) -> None:
        if not isinstance(head, Head):
            raise ValueError(f"Expected a head, such as RegressionHead(). Received: head={head!r}.")
        if head.pooling is not None:
            raise ValueError(f"Expected a head without pooling: the model pools. Received: pooling={head.pooling!r}.")

        # === Layers ===
        last = "numbers" if isinstance(head, RegressionHead) else "logits"
        head = type(head).from_config({**head.get_config(), "dtype": "float32", "name": last})

        # === Functional model ===
        inputs = keras.Input(tuple(window_shape), name="window")
        outputs = head(trunk("trunk", model, model_settings, inputs))
        super().__init__(inputs=inputs, outputs=outputs, name=name)

        # === Config ===
        self.window_shape = tuple(window_shape)
        self.head = head
        self.model = model
        self.model_settings = dict(model_settings or {})

    def fit_normalization(self, windows: np.ndarray) -> None:
        """Fit the backbone's normalisation on training samples in physical units."""
        self.get_layer("trunk").fit_normalization(windows)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "head": keras.saving.serialize_keras_object(self.head)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> "HeadedModel":
        head = keras.saving.deserialize_keras_object(config["head"], custom_objects)
        return cls(**{**config, "head": head})
