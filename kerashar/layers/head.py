"""What heads share."""

from typing import Any, Literal, get_args

import keras
from keras import ops

from kerashar.layers.checks import check_choice, check_sizes, known_channels
from kerashar.layers.choices import normalization_layer
from kerashar.layers.dense import Dense

HeadPooling = Literal["average", "max", "average_max"]


class Head(keras.layers.Layer):
    """Turns features into outputs by hidden layers and a linear one.

    Use it as the base of a head: give `read`, which turns what the linear layer gives into outputs.

    Args:
        units: what the linear layer gives for each sample.
        outputs: values in the output of each sample.
        hidden_layers: layers of ReLU neurons ahead of the linear one. Defaults to 0.
        neurons: width of each of them. Defaults to 64.
        batch_norm: whether each is normalised over the batch ahead of its ReLU. Defaults to False.
        pooling: how features that keep their time axis, or their height and width, become one vector: `"average"`,
            `"max"`, `"average_max"` (both side by side), or `None` for features that are pooled. Defaults to `None`.
        linear: settings of the linear layer.
    """

    def __init__(
        self,
        units: int,
        outputs: int,
        hidden_layers: int = 0,
        neurons: int = 64,
        batch_norm: bool = False,
        pooling: HeadPooling | None = None,
        linear: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_sizes(neurons=neurons)
        if not isinstance(hidden_layers, int) or hidden_layers < 0:
            raise ValueError(f"Expected hidden_layers to be a whole number of at least 0. Received: {hidden_layers!r}.")
        if pooling is not None:
            check_choice("pooling", pooling, get_args(HeadPooling))
        self.outputs = outputs
        self.hidden_layers = hidden_layers
        self.neurons = neurons
        self.batch_norm = batch_norm
        self.pooling = pooling
        self.input_spec = keras.layers.InputSpec(min_ndim=3) if pooling else keras.layers.InputSpec(ndim=2)
        settings: dict[str, Any] = {"dtype": self.dtype_policy}
        self.hidden: list[keras.layers.Layer] = []
        for number in range(1, hidden_layers + 1):
            dense = Dense(neurons, use_bias=not batch_norm, name=f"hidden_{number}", **settings)
            norm = [normalization_layer("batch", neurons, name=f"norm_{number}", **settings)] if batch_norm else []
            self.hidden += [dense, *norm, keras.layers.Activation("relu", name=f"activation_{number}", **settings)]
        self.linear = Dense(units, name="linear", **settings, **linear or {})

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        width = known_channels(input_shape) * (2 if self.pooling == "average_max" else 1)
        for layer in self.hidden:
            layer.build((None, width))
            width = self.neurons
        self.linear.build((None, width))

    def call(self, inputs: Any, training: bool = False) -> Any:
        outputs = self._pooled(inputs)
        for layer in self.hidden:
            outputs = layer(outputs, training=training)
        # In float32 under mixed precision too: outputs may be physical units or far-off log probabilities.
        return ops.cast(self.read(ops.cast(self.linear(outputs), "float32")), self.compute_dtype)

    def read(self, values: Any) -> Any:
        """The outputs `(batch, outputs)` of what the linear layer gives, `(batch, units)`, both float32."""
        raise NotImplementedError

    def _pooled(self, inputs: Any) -> Any:
        if self.pooling is None:
            return inputs
        between = tuple(range(1, len(inputs.shape) - 1))
        pools = {"average": [ops.mean], "max": [ops.max], "average_max": [ops.mean, ops.max]}[self.pooling]
        return ops.concatenate([pool(inputs, axis=between) for pool in pools], axis=-1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], self.outputs)

    def get_config(self) -> dict[str, Any]:
        settings = ("hidden_layers", "neurons", "batch_norm", "pooling")
        return {**super().get_config(), **{name: getattr(self, name) for name in settings}}
