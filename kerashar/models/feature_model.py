"""A registered model behind features of its windows or images."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from kerashar.features.feature_stack import FeatureStack
from kerashar.layers import FeatureStandardization
from kerashar.layers.checks import check_classes, check_image_shape, check_window_shape
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.logits import with_logits
from kerashar.models.trunk import trunk


@keras.saving.register_keras_serializable(package="kerashar")
class FeatureModel(ConfiguredModel):
    """Classifies windows by a registered model that gets features of them: beside the raw signal, or in its place.

    Use it where the model needs long windows or much data to find by itself what a transform says at once. The
    features are computed inside, so that the saved model takes raw units; fit its normalisations on training windows
    with `model.fit_normalization(windows)`. `kerashar.train` builds it where a recipe names features.

    Args:
        window_shape: `(time, channels)` of one window, or `(height, width, channels)` of one image.
        num_classes: number of logits; 0 gives the pooled features.
        features: what is computed. Its mode says how: with `"channels"` and `"replace"` the model gets the stack
            instead of the window; with `"branch"` a second model of the same kind gets it, and what both pool is
            joined ahead of the logits; with `"vector"` it is standardised and joins there itself.
        model: name of the registered model. Defaults to `"modern_tcn"`.
        model_settings: arguments of its constructor. Defaults to its own.
        dropout: share of values dropped before the logits, in training. Defaults to 0.1.
        seed: seed of that dropout. Defaults to None.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: features that refuse the window, an unknown model or setting, or a model fitted in closed form.

    Example:
        >>> from kerashar.features import Jerk
        >>> FeatureModel((128, 9), 6, FeatureStack([Jerk(50.0)]), model_settings={"hidden": 16}).output_shape
        (None, 6)
    """

    def __init__(
        self,
        window_shape: Sequence[int],
        num_classes: int,
        features: FeatureStack,
        model: str = "modern_tcn",
        model_settings: dict[str, Any] | None = None,
        dropout: float = 0.1,
        seed: int | None = None,
        name: str = "feature_model",
    ) -> None:
        check_shape = check_image_shape if len(window_shape) == 3 else check_window_shape
        check_shape(window_shape)
        check_classes(num_classes)

        # === Layers ===
        # In float32 under mixed precision too: physical units may not fit float16.
        config = {**features.get_config(), "dtype": "float32", "name": "features"}
        stack = FeatureStack.from_config(config)
        beside = stack.mode in ("branch", "vector")  # the model itself gets the raw window

        # === Functional model ===
        inputs = keras.Input(tuple(window_shape), name="window")  # (batch, time, channels), or of images
        computed = stack(inputs)  # (batch, steps, features), or (batch, features)
        outputs = trunk("trunk", model, model_settings, inputs if beside else computed)  # (batch, hidden)
        if beside:
            if stack.mode == "vector":
                other = FeatureStandardization(dtype="float32", name="feature_normalization")(computed)
            else:
                other = trunk("feature_trunk", model, model_settings, computed)
            outputs = keras.layers.Concatenate(name="join")([outputs, other])
        super().__init__(inputs=inputs, outputs=with_logits(outputs, num_classes, dropout, seed), name=name)

        # === Config ===
        self.window_shape = tuple(window_shape)
        self.num_classes = num_classes
        self.features = stack
        self.model = model
        self.model_settings = dict(model_settings or {})
        self.dropout = dropout
        self.seed = seed

    def fit_normalization(self, windows: np.ndarray) -> None:
        """Fit the normalisation of the raw windows and of the features on training windows `(n, time, channels)`."""
        computed = keras.Model(self.input, self.get_layer("features").output).predict(
            windows, batch_size=256, verbose=0
        )
        normalization = self.get_layer("trunk").get_layer("normalization")
        if self.features.mode in ("channels", "replace"):
            normalization.fit(computed)
            return
        normalization.fit(windows)
        if self.features.mode == "vector":
            self.get_layer("feature_normalization").fit(computed)
        else:
            self.get_layer("feature_trunk").get_layer("normalization").fit(computed)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "features": keras.saving.serialize_keras_object(self.features)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> "FeatureModel":
        features = keras.saving.deserialize_keras_object(config["features"], custom_objects)
        return cls(**{**config, "features": features})
