"""What products of tensors cost in multiply-adds, from the shapes of what goes in and comes out.

Keras' own layers multiply where no public name leads, so they are counted as wholes; all others multiply by `keras.ops`
or `kerashar.backend`.
"""

import math
from collections.abc import Callable
from typing import Any

from keras import layers

from kerashar.layers.images import PatchPositions

Cost = Callable[..., int]  # of the outputs and then the arguments of a call


def _size(tensor: Any) -> int:
    return math.prod(tensor.shape)


def _convolution(outputs: Any, inputs: Any, kernel: Any, *_: Any, **__: Any) -> int:
    return _size(outputs) * math.prod(kernel.shape[:-1])  # the last axis holds the filters


def _depthwise(outputs: Any, inputs: Any, kernel: Any, *_: Any, **__: Any) -> int:
    return _size(outputs) * math.prod(kernel.shape[:-2])  # the last two hold channels and filters of each


def _separable(outputs: Any, inputs: Any, depthwise: Any, pointwise: Any, *_: Any, **__: Any) -> int:
    return _size(outputs) // pointwise.shape[-1] * (_size(depthwise) + _size(pointwise))


def _transposed(outputs: Any, inputs: Any, kernel: Any, *_: Any, **__: Any) -> int:
    return _size(inputs) * math.prod(kernel.shape[:-1])  # the last axis holds the channels


def _matrices(outputs: Any, first: Any, second: Any) -> int:
    return _size(outputs) * first.shape[-1]


def _contraction(outputs: Any, first: Any, second: Any, *_: Any, **__: Any) -> int:
    """No axis of both is kept, so each summed one counts in both sizes and in none of the outputs'."""
    return _size(outputs) * math.isqrt(_size(first) * _size(second) // _size(outputs))


def _einsum(outputs: Any, subscripts: str, *operands: Any, **__: Any) -> int:
    terms, arrow, kept = subscripts.partition("->")
    if not arrow or len(operands) > 2:
        raise ValueError(f"Expected an einsum of at most two operands, with an arrow. Received: {subscripts!r}.")
    if len(operands) == 1:
        return 0
    sizes: dict[str, int] = {}
    for term, operand in zip(terms.replace(" ", "").split(","), operands, strict=True):
        first, _, last = term.partition("...")
        sizes.update(zip(first, operand.shape, strict=False))
        sizes.update(zip(reversed(last), reversed(operand.shape), strict=False))
    return _size(outputs) * math.prod(size for axis, size in sizes.items() if axis not in kept)


def _attention(outputs: Any, query: Any, key: Any, value: Any, *_: Any, **__: Any) -> int:
    return (_size(query) + _size(outputs)) * key.shape[1]  # scores, then weighted values


def _with(cost: Cost, *weights: str) -> Cost:
    """A layer's cost from that of its product with weights of these names."""
    return lambda outputs, layer, inputs, *_, **__: cost(outputs, inputs, *(getattr(layer, name) for name in weights))


def attention_of_layer(outputs: Any, layer: Any, query: Any, value: Any, *_: Any, **__: Any) -> int:
    """Its projections are layers in it."""
    pairs = math.prod(query.shape[:-1]) * math.prod(value.shape[1:-1])
    return pairs * layer.num_heads * (layer.key_dim + layer.value_dim)


def _recurrence(outputs: Any, layer: Any, sequence: Any, *_: Any, **__: Any) -> int:
    return math.prod(sequence.shape[:2]) * (_size(layer.cell.kernel) + _size(layer.cell.recurrent_kernel))


BY_KERAS_OPS: dict[str, Cost] = {
    "conv": _convolution,
    "depthwise_conv": _depthwise,
    "separable_conv": _separable,
    "conv_transpose": _transposed,
    "dot_product_attention": _attention,
    "matmul": _matrices,
    "einsum": _einsum,
    "tensordot": _contraction,
    "dot": _contraction,
    "inner": _contraction,
    "vdot": _contraction,
}
BY_BACKEND: dict[str, Cost] = {
    "attention": _attention,
    "conv1d": _convolution,
    "dense": _convolution,
    "depthwise_conv1d": _depthwise,
    "conv2d": _convolution,
    "depthwise_conv2d": _depthwise,
}
# Whole, with what they call in turn.
BY_LAYER: dict[tuple[type, ...], Cost] = {
    (layers.Dense,): lambda outputs, layer, *_, **__: _size(outputs) * layer.kernel.shape[0],
    (layers.EinsumDense,): lambda outputs, layer, inputs, **_: _einsum(outputs, layer.equation, inputs, layer.kernel),
    (layers.Conv1D, layers.Conv2D, layers.Conv3D): _with(_convolution, "kernel"),
    (layers.DepthwiseConv1D, layers.DepthwiseConv2D): _with(_depthwise, "kernel"),
    (layers.SeparableConv1D, layers.SeparableConv2D): _with(_separable, "depthwise_kernel", "pointwise_kernel"),
    (layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose): _with(_transposed, "kernel"),
    (layers.LSTM, layers.GRU, layers.SimpleRNN): _recurrence,
    (
        # Some backends take their means by products.
        *(layers.BatchNormalization, layers.GroupNormalization, layers.LayerNormalization, layers.RMSNormalization),
        *(layers.Embedding, PatchPositions),  # weights that are looked up or added
    ): lambda *_, **__: 0,
}
# Keras' own that multiply without weights, or call layers in ways of their own.
UNKNOWN = (
    *(layers.AdditiveAttention, layers.Attention, layers.Dot, layers.GroupQueryAttention),
    *(layers.RNN, layers.TimeDistributed),
)
