"""Makes a stream program of a model."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.inference.instructions import (
    Activation,
    Add,
    Affine,
    Attention,
    Average,
    Concatenate,
    Convolve,
    Dense,
    Depthwise,
    Instruction,
    LayerNorm,
    Maximum,
    Multiply,
    Slope,
)
from kerashar.inference.stream_program import Line, StreamProgram
from kerashar.layers.activation import Activation as ActivationLayer
from kerashar.layers.batch_normalization import BatchNormalization
from kerashar.layers.dense import Dense as DenseLayer
from kerashar.layers.layer_normalization import LayerNormalization


class ProgramBuilder:
    """Collects the lines of a program; values are their numbers.

    Layers get it in `stream(program, inputs)` and describe by its methods what they do to a stream. A layer made of
    others hands them to `apply`.
    """

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def apply(self, layer: Any, *values: Any) -> int:
        """Append what a layer does: kerashar's own tell it by their method `stream`, Keras' are looked up here.

        Raises:
            ValueError: why the layer can't stream, as the end of a sentence whose subject it is.
        """
        if type(layer) in _KERAS_LAYERS:
            return _KERAS_LAYERS[type(layer)](self, layer, *values)
        classes = type(layer).__mro__
        # A subclass that changes `call` may do something else than the `stream` it inherits says.
        first = next((own for own in classes if "call" in vars(own) or "stream" in vars(own)), None)
        if first is None or "stream" not in vars(first):
            raise ValueError(f"({type(layer).__name__}) has no streaming form")
        return layer.stream(self, *values)

    def affine(self, value: int, shift: Any = None, scale: Any = None, offset: Any = None) -> int:
        """`(value - shift) * scale + offset`, figures of each channel or of all."""
        return self._add(Affine(_array(shift), _array(scale), _array(offset)), value)

    def dense(self, value: int, kernel: Any, bias: Any = None) -> int:
        """Mix of channels by a kernel `(channels, units)`."""
        return self._add(Dense(_required(kernel), _array(bias)), value)

    def convolve(self, value: int, kernel: Any, bias: Any = None, dilation: int = 1, stride: int = 1) -> int:
        """Causal convolution by a kernel `(taps, channels, filters)`."""
        kernel = _required(kernel)
        taps, channels, filters = kernel.shape
        if taps == stride == 1:
            return self.dense(value, kernel[0], bias)
        flat = kernel.reshape(taps * channels, filters)
        return self._add(Convolve(flat, _array(bias), taps, dilation, stride), value)

    def depthwise(
        self, value: int, kernel: Any, bias: Any = None, dilation: int = 1, stride: int = 1, multiplier: int = 1
    ) -> int:
        """Causal convolution of each channel by a kernel `(taps, 1, channels * multiplier)`."""
        kernel = _required(kernel)[:, 0]
        return self._add(Depthwise(kernel, _array(bias), len(kernel), dilation, stride, multiplier), value)

    def layer_norm(self, value: int, gamma: Any, beta: Any, epsilon: float) -> int:
        """Normalisation over the channels of each step."""
        return self._add(LayerNorm(_array(gamma), _array(beta), epsilon), value)

    def activation(self, value: int, kind: str) -> int:
        """A function of each value, by its name in `instructions.ACTIVATIONS`."""
        return self._add(Activation(kind), value)

    def slope(self, value: int, slope: Any) -> int:
        """A slope below zero, of each channel or of all."""
        return self._add(Slope(_required(slope)), value)

    def add(self, *values: int) -> int:
        """Sum of values."""
        return self._add(Add(), *values)

    def multiply(self, *values: int) -> int:
        """Product of values."""
        return self._add(Multiply(), *values)

    def concatenate(self, values: Sequence[int]) -> int:
        """Values side by side."""
        return self._add(Concatenate(), *values)

    def pool(self, value: int, kind: str, memory: int | None = None, score: int | None = None) -> int:
        """Pool of the last `memory` steps, or of all so far: `"average"`, `"max"`, or `"attention"` with a score."""
        if kind == "average":
            return self._add(Average(memory), value)
        if kind == "max":
            return self._add(Maximum(memory), value)
        if kind == "attention" and score is not None:
            return self._add(Attention(memory), value, score)
        raise ValueError(f"pools by {kind!r}, which has no streaming form")

    def _add(self, instruction: Instruction, *values: int) -> int:
        self.lines.append(Line(instruction, values))
        return len(self.lines)


def program_of(model: keras.Model) -> StreamProgram:
    """The stream program of a causal Functional model, with the weights that it has now.

    Raises:
        ValueError: a model that is not Functional or has several inputs or outputs, or a layer that looks ahead or
            has no streaming form.
    """
    if isinstance(model, keras.Sequential) and model.built:
        model = keras.Model(model.inputs, model.outputs, name=model.name)
    builder = ProgramBuilder()
    numbers: dict[int, int] = {}  # by tensor: the value that it is in the program
    kept: list[Any] = []  # the tensors, so that no other takes the place and the number of one

    def follow(clone: Any, *args: Any, **kwargs: Any) -> Any:
        # The graph is walked on a copy of the layers, since calling those of the model would add to its graph.
        outputs = clone(*args, **kwargs)
        tensors = [leaf for leaf in keras.tree.flatten((args, kwargs)) if isinstance(leaf, keras.KerasTensor)]
        try:
            if isinstance(clone, keras.Model):
                raise ValueError("is a model of its own: call its layers one by one")
            if not isinstance(clone, keras.Layer):
                raise ValueError("is an operation on tensors: use a layer such as keras.layers.Add")
            if any(value is not None for name, value in kwargs.items() if name not in ("training", "mask")):
                raise ValueError(f"is called with {', '.join(kwargs)}, which streams do not know")
            values = [numbers.get(id(tensor), 0) for tensor in tensors]
            numbers[id(outputs)] = builder.apply(model.get_layer(clone.name), *values)
        except ValueError as error:
            raise ValueError(
                "Expected a model of which each output depends on its own and earlier samples only. "
                f"Received: {model.name!r}, whose layer {clone.name!r} {error}."
            ) from error
        kept.append(outputs)
        return outputs

    inputs, outputs = getattr(model, "inputs", None), getattr(model, "outputs", None)
    if not isinstance(inputs, list) or not isinstance(outputs, list) or len(inputs) != 1 or len(outputs) != 1:
        raise ValueError(f"Expected a Functional model with one input and one output. Received: {model.name!r}.")
    if len(inputs[0].shape) != 3:
        raise ValueError(f"Expected a model over (batch, time, channels). Received: {model.name!r}, {inputs[0].shape}.")
    clone = keras.models.clone_model(model, call_function=follow)
    return StreamProgram(inputs[0].shape[-1], builder.lines, numbers.get(id(clone.outputs[0]), 0))


def _array(weight: Any) -> np.ndarray | None:
    return None if weight is None else _required(weight)


def _required(weight: Any) -> np.ndarray:
    return np.array(ops.convert_to_numpy(weight), "float32")


# --- Keras' own layers ---

_FUNCTIONS = {
    keras.activations.relu: "relu",
    keras.activations.gelu: "gelu",
    keras.activations.silu: "silu",
    keras.activations.sigmoid: "sigmoid",
    keras.activations.tanh: "tanh",
}


def _activated(program: ProgramBuilder, value: int, function: Any) -> int:
    if function is keras.activations.linear:
        return value
    if function not in _FUNCTIONS:
        raise ValueError(f"has the activation {getattr(function, '__name__', function)!r}, which streams do not know")
    return program.activation(value, _FUNCTIONS[function])


def _identity(program: ProgramBuilder, layer: Any, value: int) -> int:
    return value


def _activation(program: ProgramBuilder, layer: Any, value: int) -> int:
    return _activated(program, value, layer.activation)


def _relu(program: ProgramBuilder, layer: Any, value: int) -> int:
    if layer.max_value is not None or layer.threshold:
        raise ValueError("has a max_value or a threshold, which streams do not know")
    return program.slope(value, layer.negative_slope) if layer.negative_slope else program.activation(value, "relu")


def _leaky_relu(program: ProgramBuilder, layer: Any, value: int) -> int:
    return program.slope(value, layer.negative_slope)


def _prelu(program: ProgramBuilder, layer: Any, value: int) -> int:
    alpha = _required(layer.alpha)
    if alpha.ndim > 1 and alpha.shape[0] != 1:
        raise ValueError("has a slope for each time step of a window: build it with shared_axes=[1]")
    return program.slope(value, alpha.reshape(-1))


def _dense(program: ProgramBuilder, layer: Any, value: int) -> int:
    return _activated(program, program.dense(value, layer.kernel, layer.bias), layer.activation)


def _convolution(program: ProgramBuilder, layer: Any, value: int) -> int:
    if layer.padding != "causal" and layer.kernel_size[0] > 1:
        raise ValueError(f"has padding={layer.padding!r}, and only padding='causal' never waits for later samples")
    if layer.groups != 1 or layer.data_format != "channels_last":
        raise ValueError("has groups, or channels first, which streams do not know")
    outputs = program.convolve(value, layer.kernel, layer.bias, layer.dilation_rate[0], layer.strides[0])
    return _activated(program, outputs, layer.activation)


def _layer_norm(program: ProgramBuilder, layer: Any, value: int) -> int:
    rank = len(layer.gamma.shape if layer.gamma is not None else layer.beta.shape) if layer.weights else 1
    axis = layer.axis if isinstance(layer.axis, int) else layer.axis[0] if len(layer.axis) == 1 else None
    if rank != 1 or axis not in (-1, 2) or layer.rms_scaling:
        raise ValueError("normalises over more than the channels of one step")
    return program.layer_norm(value, layer.gamma, layer.beta, layer.epsilon)


def _batch_norm(program: ProgramBuilder, layer: Any, value: int) -> int:
    if layer.axis not in (-1, 2):
        raise ValueError(f"normalises over axis {layer.axis} instead of the channels")
    scale = 1 / np.sqrt(_required(layer.moving_variance) + layer.epsilon)
    if layer.gamma is not None:
        scale = scale * _required(layer.gamma)
    return program.affine(value, shift=layer.moving_mean, scale=scale, offset=layer.beta)


def _add(program: ProgramBuilder, layer: Any, *values: int) -> int:
    return program.add(*values)


def _multiply(program: ProgramBuilder, layer: Any, *values: int) -> int:
    return program.multiply(*values)


def _concatenate(program: ProgramBuilder, layer: Any, *values: int) -> int:
    if layer.axis not in (-1, 2):
        raise ValueError(f"joins over axis {layer.axis} instead of the channels")
    return program.concatenate(values)


def _average(program: ProgramBuilder, layer: Any, value: int) -> int:
    return program.pool(value, "average")


def _maximum(program: ProgramBuilder, layer: Any, value: int) -> int:
    return program.pool(value, "max")


_KERAS_LAYERS: dict[type, Callable[..., int]] = {
    ActivationLayer: _activation,
    keras.layers.Activation: _activation,
    keras.layers.Add: _add,
    keras.layers.AlphaDropout: _identity,
    BatchNormalization: _batch_norm,
    keras.layers.BatchNormalization: _batch_norm,
    keras.layers.Concatenate: _concatenate,
    keras.layers.Conv1D: _convolution,
    DenseLayer: _dense,
    keras.layers.Dense: _dense,
    keras.layers.Dropout: _identity,
    keras.layers.GaussianDropout: _identity,
    keras.layers.GaussianNoise: _identity,
    keras.layers.GlobalAveragePooling1D: _average,
    keras.layers.GlobalMaxPooling1D: _maximum,
    keras.layers.Identity: _identity,
    LayerNormalization: _layer_norm,
    keras.layers.LayerNormalization: _layer_norm,
    keras.layers.LeakyReLU: _leaky_relu,
    keras.layers.Multiply: _multiply,
    keras.layers.PReLU: _prelu,
    keras.layers.ReLU: _relu,
    keras.layers.SpatialDropout1D: _identity,
}
