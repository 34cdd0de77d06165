"""A model without the operations that formats lack, with the same outputs."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial
from math import prod
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar import backend
from kerashar.replacing import replacing

_GELU = (keras.activations.gelu, backend.gelu)
_native = {name: getattr(ops, name) for name in ("argmax", "argmin", "einsum")}


def make_portable(model: keras.Model, unroll: bool) -> None:
    """Change a model so that every format knows what its layers compute.

    Args:
        model: is changed, and is good for its export alone then.
        unroll: write recurrent layers out step by step, for formats whose loops know no lists.
    """
    for layer in layers_of(model):
        if getattr(layer, "activation", None) in _GELU:
            layer.activation = _gelu
        if unroll and isinstance(layer, keras.layers.RNN):
            layer.unroll = True
            layer.call = partial(_with_known_steps, layer.call, tuple(layer.get_build_config()["input_shape"][1:]))


def portable_operations() -> AbstractContextManager[None]:
    """Let layers that are traced inside use other operations for those of Keras and ours that some formats lack."""
    return replacing(
        [
            (backend, "gelu", _gelu),
            (ops, "arcsinh", _arcsinh),
            (ops, "argmax", _argmax),
            (ops, "argmin", _argmin),
            (ops, "einsum", _einsum),
            (ops, "irfft", _irfft),
            (ops, "rfft", _rfft),
        ]
    )


def layers_of(model: keras.Model) -> Iterator[Any]:
    """All layers of a model, also those inside others."""
    yield from model._flatten_layers(include_self=False)


def _gelu(inputs: Any) -> Any:
    """LiteRT finds its own operation by this form; ONNX has no complementary error function, as TensorFlow writes."""
    return 0.5 * inputs * (1 + ops.erf(inputs * 0.5**0.5))


def _with_known_steps(call: Any, shape: tuple[int, ...], inputs: Any, *args: Any, **settings: Any) -> Any:
    """TensorFlow forgets the number of steps where a layer ahead reshapes by what it finds out at run time."""
    return call(ops.reshape(inputs, (-1, *shape)), *args, **settings)


def _arcsinh(x: Any) -> Any:
    size = ops.abs(x)
    return ops.sign(x) * ops.log(size + ops.sqrt(ops.square(size) + 1))


def _argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Keras' own on TensorFlow looks at the bits of zeros."""
    if axis not in (-1, len(x.shape) - 1):
        return _native["argmax"](x, axis=axis, keepdims=keepdims)
    places = ops.top_k(x, k=1)[1]
    return places if keepdims else places[..., 0]


def _argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    if axis not in (-1, len(x.shape) - 1):
        return _native["argmin"](x, axis=axis, keepdims=keepdims)
    return _argmax(-x, axis, keepdims)


def _einsum(subscripts: str, *operands: Any, **settings: Any) -> Any:
    """LiteRT has none of those without a sum, which are products of all with all."""
    inputs, _, output = subscripts.partition("->")
    if set(inputs) - {","} != set(output):
        return _native["einsum"](subscripts, *operands, **settings)
    spread = []
    for letters, operand in zip(inputs.split(","), operands, strict=True):
        ordered = ops.transpose(operand, [letters.index(letter) for letter in output if letter in letters])
        missing = [place for place, letter in enumerate(output) if letter not in letters]
        spread.append(ops.expand_dims(ordered, missing))
    return prod(spread[1:], start=spread[0])


def _rfft(x: Any, fft_length: int | None = None) -> tuple[Any, Any]:
    """The products that define it: tf2onnx has none of its own for it."""
    length = fft_length or x.shape[-1]
    x = x[..., :length]  # a shorter signal goes on with zeros
    cosines, sines = _waves(x.shape[-1], length)
    return ops.matmul(x, cosines), -ops.matmul(x, sines)


def _irfft(x: tuple[Any, Any], fft_length: int | None = None) -> Any:
    real, imaginary = x
    length = fft_length or 2 * (real.shape[-1] - 1)
    bins = min(real.shape[-1], length // 2 + 1)
    cosines, sines = (waves[:, :bins].T for waves in _waves(length, length))
    twice = np.full((bins, 1), 2 / length, "float32")  # for those of negative frequencies, which are left out
    twice[0] /= 2
    if length % 2 == 0 and bins == length // 2 + 1:
        twice[-1] /= 2
    return ops.matmul(real[..., :bins], twice * cosines) - ops.matmul(imaginary[..., :bins], twice * sines)


def _waves(samples: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Cosines and sines `(samples, length // 2 + 1)` of a Fourier transform."""
    angles = 2 * np.pi / length * (np.outer(np.arange(samples), np.arange(length // 2 + 1)) % length)
    return np.cos(angles).astype("float32"), np.sin(angles).astype("float32")
