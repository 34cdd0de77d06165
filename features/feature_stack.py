"""Several features as one."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, get_args

import keras
import numpy as np
from keras import ops

from kerashar.features.arrays.stack import Mode, common_sizes, nearest, stack_features
from kerashar.features.feature import Feature
from kerashar.layers.checks import check_choice


@keras.saving.register_keras_serializable(package="kerashar")
class FeatureStack(Feature):
    """Puts features together: beside the raw signal, in its place, or as one vector.

    Use it as a layer ahead of your own network, as `features` of a `kerashar.models.FeatureModel`, which wires it
    as its mode says, or by `array` for a tree model. A feature of fewer steps than the output, or without any (a
    vector), is repeated over time.

    Args:
        features: features of one kind of input; at least one.
        mode: `"channels"`: the raw channels, then the features' channels. `"replace"`: the features alone, with as
            many steps as the longest has. `"branch"`: as `"replace"`, for a model that takes the raw signal by
            another branch. `"vector"`: all features of the window in a row. Defaults to `"channels"`.

    Call arguments:
        inputs: windows or images.

    Input shape:
        `(batch, time, channels)` or `(batch, height, width, channels)`, as the features take.

    Output shape:
        `(batch, time, features)` or `(batch, height, width, features)`; `(batch, features)` for `"vector"`.

    Raises:
        ValueError: no features, what is not a feature, an unknown mode, or with `"channels"` a feature of more steps
            than the window.

    Example:
        >>> from kerashar.features import Jerk, StationaryWaveletTransform
        >>> stack = FeatureStack([Jerk(50.0), StationaryWaveletTransform("haar", level=2)])
        >>> tuple(stack(np.ones((4, 128, 9), "float32")).shape), stack.array(np.ones((4, 128, 9))).shape
        ((4, 128, 45), (4, 128, 45))
    """

    dimensions = (1, 2)

    def __init__(self, features: Sequence[Feature], mode: Mode = "channels", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_choice("mode", mode, get_args(Mode))
        if not features or not all(isinstance(feature, Feature) for feature in features):
            raise ValueError(f"Expected features, at least one. Received: features={features!r}.")
        self.features = list(features)
        self.mode: Mode = mode

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        for feature in self.features:
            feature.build(input_shape)

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        for feature in self.features:
            feature.check((None, *input_shape))
            sizes = feature.compute_output_shape((None, *input_shape))[1:-1]
            if self.mode == "channels" and any(map(int.__gt__, sizes, input_shape[:-1])):
                raise ValueError(
                    f"Expected features of at most the window's size {input_shape[:-1]} with mode='channels'. "
                    f"Received: {type(feature).__name__} of size {sizes}; take mode='replace', 'branch' or 'vector'."
                )

    def extract(self, inputs: Any) -> Any:
        maps = [feature.extract(inputs) for feature in self.features]
        if self.mode == "vector":
            vectors = [ops.reshape(features, (-1, int(np.prod(features.shape[1:])))) for features in maps]
            return ops.concatenate(vectors, axis=1)
        resized = [_resize(features, self._sizes(inputs.shape)) for features in maps]
        return ops.concatenate([inputs, *resized] if self.mode == "channels" else resized, axis=-1)

    def array_function(self) -> Callable[[np.ndarray], np.ndarray]:
        functions = [feature.array_function() for feature in self.features]
        return partial(stack_features, functions=functions, mode=self.mode)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        shapes = [feature.compute_output_shape(input_shape) for feature in self.features]
        if self.mode == "vector":
            return (input_shape[0], sum(int(np.prod(shape[1:])) for shape in shapes))
        channels = sum(shape[-1] or 0 for shape in shapes) + (input_shape[-1] or 0) * (self.mode == "channels")
        return (input_shape[0], *self._sizes(input_shape), channels)

    def get_config(self) -> dict[str, Any]:
        features = [keras.saving.serialize_keras_object(feature) for feature in self.features]
        return {**super().get_config(), "features": features, "mode": self.mode}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "FeatureStack":
        features = [keras.saving.deserialize_keras_object(feature) for feature in config["features"]]
        return cls(**{**config, "features": features})

    def _sizes(self, input_shape: tuple[int | None, ...]) -> tuple[int, ...]:
        """Steps of the output along each axis between batch and channels."""
        shapes = [feature.compute_output_shape(input_shape) for feature in self.features]
        return common_sizes(input_shape, shapes, self.mode)


def _resize(features: Any, sizes: tuple[int, ...]) -> Any:
    if len(features.shape) == 2:
        features = ops.reshape(features, (-1, *(1 for _ in sizes), features.shape[1]))
    for axis, wanted in enumerate(sizes, start=1):
        if features.shape[axis] != wanted:
            features = ops.take(features, nearest(features.shape[axis], wanted), axis=axis)
    return features
