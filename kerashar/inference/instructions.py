"""What a stream program may do, each written once over any array namespace.

An instruction is a frozen dataclass of NumPy arrays and plain values. `apply` runs it with `xp`, which is `keras.ops`,
the NumPy functions of `numpy_stream.py` or the ONNX graph of `stream_onnx.py`; all values are `(batch, steps,
channels)`. What it remembers is a list of arrays `(batch, rows, channels)` of fixed size. A convolution keeps its last
inputs by copying them along: for the few rows of a filter that is quicker than the index arithmetic of a ring.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

LOWEST = -1e30  # stands for "nothing yet" in a maximum; far below any feature, yet differences stay finite

ACTIVATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "relu": lambda xp, x: xp.maximum(x, 0.0),
    "gelu": lambda xp, x: 0.5 * x * (1.0 + xp.erf(x * 0.5**0.5)),
    "silu": lambda xp, x: x * xp.sigmoid(x),
    "sigmoid": lambda xp, x: xp.sigmoid(x),
    "tanh": lambda xp, x: xp.tanh(x),
    "arcsinh": lambda xp, x: xp.arcsinh(x),
}


class Memory(NamedTuple):
    """One array that an instruction remembers of each stream: `(rows, channels)`, filled with `fill` at the start."""

    rows: int
    channels: int
    fill: float


class Place(NamedTuple):
    """Where in the stream the steps of a chunk are: `seen` samples and then `since` steps came before them.

    `seen` is a float of the array namespace and a multiple of the model's strides; `since` is known when a program is
    compiled. A step is `rate` samples.
    """

    seen: Any
    rate: int
    since: int

    def before(self) -> Any:
        """Steps before the chunk, as a float: beyond 2^24 it is rounded, which a mean does not notice."""
        return (self.seen if self.rate == 1 else self.seen / float(self.rate)) + float(self.since)


@dataclass(frozen=True, eq=False)
class Instruction:
    """Base of the instructions: one that remembers nothing and changes neither steps nor channels."""

    arity: ClassVar[int | None] = 1  # values that it takes; None for one or more

    @property
    def step(self) -> int:
        """Steps that come in for each that comes out."""
        return 1

    def channels(self, *inputs: int) -> int:
        """Channels that come out; ValueError where its arrays don't fit those that come in."""
        return inputs[0]

    def memory(self, *inputs: int) -> list[Memory]:
        """What it remembers of inputs with so many channels."""
        return []

    def apply(self, xp: Any, inputs: list[Any], memory: list[Any], at: Place) -> tuple[Any, list[Any]]:
        """Its outputs for some steps, or None where a stride leaves none of them; and what it remembers then.

        Args:
            xp: array namespace.
            inputs: values of at least one step.
            memory: what it remembered.
            at: where in the stream these steps are.
        """
        raise TypeError(f"Expected {type(self).__name__} to define apply.")

    def with_arrays(self, convert: Callable[[np.ndarray], Any]) -> Self:
        """The same instruction with its arrays as another namespace has them."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(self, **{name: convert(own[name]) for name in own if isinstance(own[name], np.ndarray)})


@dataclass(frozen=True, eq=False)
class Affine(Instruction):
    """`(x - shift) * scale + offset`, of which parts may be missing."""

    shift: np.ndarray | None
    scale: np.ndarray | None
    offset: np.ndarray | None

    def channels(self, *inputs: int) -> int:
        for array in (self.shift, self.scale, self.offset):
            if array is not None:
                _expect(array.shape in ((), (inputs[0],)), f"one figure for each of {inputs[0]} channels")
        return inputs[0]

    def apply(self, xp: Any, inputs: list[Any], memory: list[Any], at: Place) -> tuple[Any, list[Any]]:
        outputs = inputs[0]
        if self.shift is not None:  # first: a scaled difference of large numbers would lose digits
            outputs = outputs - self.shift
        if self.scale is not None:
            outputs = outputs * self.scale
        return outputs if self.offset is None else outputs + self.offset, memory


@dataclass(frozen=True, eq=False)
class Dense(Instruction):
    """Mix of the channels of each step; kernel `(channels, units)`."""

    kernel: np.ndarray
    bias: np.ndarray | None

    def channels(self, *inputs: int) -> int:
        _expect(self.kernel.ndim == 2 and self.kernel.shape[0] == inputs[0], f"a kernel for {inputs[0]} channels")
        return _with_bias(self.bias, self.kernel.shape[1])

    def apply(self, xp: Any, inputs: list[Any], memory: list[Any], at: Place) -> tuple[Any, list[Any]]:
        outputs = xp.matmul(inputs[0], self.kernel)
        return outputs if self.bias is None else outputs + self.bias, memory


@dataclass(frozen=True, eq=False)
class _Filter(Instruction):
    """What both convolutions share: the last inputs are remembered, zeros before the first as in causal padding."""

    kernel: np.ndarray
    bias: np.ndarray | None
    taps: int
    dilation: int
    stride: int

    @property
    def step(self) -> int:
        return self.stride

    @property
    def span(self) -> int:
        return (self.taps - 1) * self.dilation + 1

    def memory(self, *inputs: int) -> list[Memory]:
        return [Memory(self.span - 1, inputs[0], 0.0)] if self.span > 1 else []

    def apply(self, xp: Any, inputs: list[Any], memory: list[Any], at: Place) -> tuple[Any, list[Any]]:
        steps = inputs[0].shape[1]
        window = xp.concatenate([memory[0], inputs[0]], axis=1) if memory else inputs[0]
        kept = [window[:, steps:]] if memory else []
        starts = range(-at.since % self.stride, steps, self.stride)
        if not starts:
            return None, kept
        # Few outputs: one sum over the taps for each. Many: one sum over the outputs for each tap.
        outputs = self._by_output(xp, window, starts) if len(starts) < self.taps else self._by_tap(xp, window, starts)
        return outputs if self.bias is None else outputs + self.bias, kept

    def _by_output(self, xp: Any, window: Any, starts: range) -> Any:
        outputs = [self._sum_of_taps(xp, window[:, start : start + self.span : self.dilation]) for start in starts]
        return outputs[0] if len(outputs) == 1 else xp.concatenate(outputs, axis=1)

    def _by_tap(self, xp: Any, window: Any, starts: range) -> Any:
        total = None
        for tap in range(self.taps):
            first = starts[0] + tap * self.dilation
            term = self._tap(xp, window[:, first : first + starts[-1] - starts[0] + 1 : self.stride], tap)
            total = term if total is None else total + term
        return total

    def _sum_of_taps(self, xp: Any, taps: Any) -> Any:
        """Outputs `(batch, 1, filters)` of `(batch, taps, channels)`."""
        raise TypeError(f"Expected {type(self).__name__} to define _sum_of_taps.")

    def _tap(self, xp: Any, signal: Any, tap: int) -> Any:
        """What one tap adds to outputs `(batch, outputs, filters)`."""
        raise TypeError(f"Expected {type(self).__name__} to define _tap.")


@dataclass(frozen=True, eq=False)
class Convolve(_Filter):
    """Convolution of all channels; kernel `(taps * channels, filters)`."""

    def channels(self, *inputs: int) -> int:
        fits = self.kernel.ndim == 2 and self.kernel.shape[0] == self.taps * inputs[0]
        _expect(fits, f"a kernel of {self.taps} taps for {inputs[0]} channels")
        return _with_bias(self.bias, self.kernel.shape[1])

    def _sum_of_taps(self, xp: Any, taps: Any) -> Any:
        return xp.matmul(xp.reshape(taps, (-1, 1, self.kernel.shape[0])), self.kernel)

    def _tap(self, xp: Any, signal: Any, tap: int) -> Any:
        channels = self.kernel.shape[0] // self.taps
        return xp.matmul(signal, self.kernel[tap * channels : (tap + 1) * channels])


@dataclass(frozen=True, eq=False)
class Depthwise(_Filter):
    """Convolution of each channel by `multiplier` filters of its own; kernel `(taps, channels * multiplier)`."""

    multiplier: int

    def channels(self, *inputs: int) -> int:
        fits = self.kernel.shape == (self.taps, inputs[0] * self.multiplier)
        _expect(fits, f"{self.multiplier} filters of {self.taps} taps for each of {inputs[0]} channels")
        return _with_bias(self.bias, self.kernel.shape[1])

    def _sum_of_taps(self, xp: Any, taps: Any) -> Any:
        return xp.sum(self._repeated(xp, taps) * self.kernel, axis=1, keepdims=True)

    def _tap(self, xp: Any, signal: Any, tap: int) -> Any:
        return self._repeated(xp, signal) * self.kernel[tap]

    def _repeated(self, xp: Any, signal: Any) -> Any:
        return signal if self.multiplier == 1 else xp.repeat(signal, self.multiplier, axis=-1)


@dataclass(frozen=True, eq=False)
class LayerNorm(Instruction):
    """Brings the channels of each step to mean 0 and variance 1, then scales and shifts them."""

    gamma: np.ndarray | None
    beta: np.ndarray | None
    epsilon: float

    def channels(self, *inputs: int) -> int:
        for array in (self.gamma, self.beta):
            _expect(array is None or array.shape == inputs, f"one figure for each of {inputs[0]} channels")
        return inputs[0]

    def apply(self, xp: Any, inputs: list[Any], memory: list[Any], at: Place) -> tuple[Any, list[Any]]:
        share = 1 / inputs[0].shape[-1]
        centred = inputs[0] - xp.sum(inputs[0], axis=-1, keepdims=True) * share
        variance = xp.sum(centred * centred, axis=-1, keepdims=True) * share
        outputs = centred / xp.sqrt(variance + self.epsilon)
        if self.gamma is not None:
            outputs = outputs * self.gamma
        return outputs if self.beta is None else outputs + self.beta, memory


@dataclass(frozen=True, eq=False)
class Activation(Instruction):
    """A function of each value, by name."""

    kind: str

    def channels(self, *inputs: int) -> int:
        _expect(self.kind in ACTIVATIONS, f"one of the activations {', '.join(ACTIVATIONS)}")
        return inputs[0]

    def apply(self, xp: Any, inputs: list[Any], memory: list[Any], at: Place) -> tuple[Any, list[Any]]:
        return ACTIVATIONS[self.kind](xp, inputs[0]), memory


@dataclass(frozen=True, eq=False)
class Slope(Instruction):
    """A slope of its own below zero: leaky ReLU, or PReLU with a slope for each channel."""

    slope: np.ndarray

    def channels(self, *inputs: int) -> int:
        _expect(self.slope.shape in ((), inputs), f"one slope, or one for each of {inputs[0]} channels")
        return inputs[0]

    def apply(self, xp: Any, inputs: list[Any], memory: list[Any], at: Place) -> tuple[Any, list[Any]]:
        return xp.maximum(inputs[0], 0.0) + xp.minimum(inputs[0], 0.0) * self.slope, memory


@dataclass(frozen=True, eq=False)
class Add(Instruction):
    """Sum of values with the same channels, or with one."""

    arity = None

    def channels(self, *inputs: int) -> int:
        _expect(set(inputs) <= {1, max(inputs)}, "values of the same channels")
        return max(inputs)

    def apply(self, xp: Any, inputs: list[Any], memory: list[Any], at: Place) -> tuple[Any, list[Any]]:
        total = inputs[0]
        for term in inputs[1:]:
            total = total + term
        return total, memory


@dataclass(frozen=True, eq=False)
class Multiply(Add):
    """Product of values with the same channels, or with one."""

    def apply(self, xp: Any, inputs: list[Any], memory: list[Any], at: Place) -> tuple[Any, list[Any]]:
        product = inputs[0]
        for factor in inputs[1:]:
            product = product * factor
        return product, memory


@dataclass(frozen=True, eq=False)
class Concatenate(Instruction):
    """Values side by side."""

    arity = None

    def channels(self, *inputs: int) -> int:
        return sum(inputs)

    def apply(self, xp: Any, inputs: list[Any], memory: list[Any], at: Place) -> tuple[Any, list[Any]]:
        return xp.concatenate(inputs, axis=-1), memory


@dataclass(frozen=True, eq=False)
class Average(Instruction):
    """Mean over the last `span` steps, or over all so far."""

    span: int | None

    def memory(self, *inputs: int) -> list[Memory]:
        return _past(self.span, Memory(1, inputs[0], 0.0)) if self.span else [Memory(2, inputs[0], 0.0)]

    def apply(self, xp: Any, inputs: list[Any], memory: list[Any], at: Place) -> tuple[Any, list[Any]]:
        steps = inputs[0].shape[1]
        counts = at.before() + (1.0 if steps == 1 else xp.reshape(xp.arange(1, steps + 1, dtype="float32"), (steps, 1)))
        if self.span:
            (total,), memory = _slide(xp, inputs, memory, self.span, _added)
            return total / xp.minimum(counts, float(self.span)), memory
        (sums,) = _scan(xp, inputs, _added)
        return _total(memory[0], sums) / counts, [_carried(xp, memory[0], sums[:, -1:])]


@dataclass(frozen=True, eq=False)
class Maximum(Instruction):
    """Largest value of each channel over the last `span` steps, or over all so far."""

    span: int | None

    def memory(self, *inputs: int) -> list[Memory]:
        return _past(self.span, Memory(1, inputs[0], LOWEST))

    def apply(self, xp: Any, inputs: list[Any], memory: list[Any], at: Place) -> tuple[Any, list[Any]]:
        def larger(first: list[Any], second: list[Any]) -> list[Any]:
            return [xp.maximum(first[0], second[0])]

        if self.span:
            (outputs,), memory = _slide(xp, inputs, memory, self.span, larger)
            return outputs, memory
        outputs = xp.maximum(memory[0], _scan(xp, inputs, larger)[0])
        return outputs, [outputs[:, -1:]]


@dataclass(frozen=True, eq=False)
class Attention(Instruction):
    """Mean weighted by the exponential of a score, over the last `span` steps or over all so far.

    Takes the values and their scores. Sums are kept relative to the largest score so far, which no exponential of a
    large score can overflow.
    """

    arity = 2
    span: int | None

    def channels(self, *inputs: int) -> int:
        _expect(inputs[1] == 1, "one score for each step")
        return inputs[0]

    def memory(self, *inputs: int) -> list[Memory]:
        rows = 1 if self.span else 2
        return _past(self.span, Memory(1, 1, LOWEST), Memory(rows, inputs[0] + 1, 0.0))

    def apply(self, xp: Any, inputs: list[Any], memory: list[Any], at: Place) -> tuple[Any, list[Any]]:
        def merged(first: list[Any], second: list[Any]) -> list[Any]:
            peak = xp.maximum(first[0], second[0])
            return [peak, first[1] * xp.exp(first[0] - peak) + second[1] * xp.exp(second[0] - peak)]

        values, scores = inputs
        elements = [scores, xp.concatenate([values, xp.ones_like(scores)], axis=-1)]  # the weights are summed too
        if self.span:
            (_, total), memory = _slide(xp, elements, memory, self.span, merged)
        else:
            peaks, sums = _scan(xp, elements, merged)
            peak = xp.maximum(memory[0], peaks)
            fade, sums = xp.exp(memory[0] - peak), sums * xp.exp(peaks - peak)
            total = _total(memory[1], sums, fade)
            memory = [peak[:, -1:], _carried(xp, memory[1] * fade[:, -1:], sums[:, -1:])]
        channels = values.shape[-1]
        return total[:, :, :channels] / total[:, :, channels:], memory


INSTRUCTIONS: dict[str, type[Instruction]] = {
    kind.__name__: kind
    for kind in (
        Affine,
        Dense,
        Convolve,
        Depthwise,
        LayerNorm,
        Activation,
        Slope,
        Add,
        Multiply,
        Concatenate,
        Average,
        Maximum,
        Attention,
    )
}


def _expect(fits: bool, what: str) -> None:
    if not fits:
        raise ValueError(f"expected {what}")


def _with_bias(bias: np.ndarray | None, units: int) -> int:
    _expect(bias is None or bias.shape == (units,), f"a bias for {units} channels")
    return units


# --- Pools. An element is a list of arrays; `combine` makes the element of two stretches of time from theirs. ---

Combine = Callable[[list[Any], list[Any]], list[Any]]


def _added(first: list[Any], second: list[Any]) -> list[Any]:
    return [first[0] + second[0]]


def _past(span: int | None, *elements: Memory) -> list[Memory]:
    """Memory of a pool: the elements of the last `span - 1` steps, or one of all steps so far."""
    if span is None:
        return list(elements)
    return [element._replace(rows=span - 1) for element in elements] if span > 1 else []


def _total(carried: Any, sums: Any, fade: Any = 1.0) -> Any:
    """The sum of all steps up to each of a chunk, from the sum before the chunk and the sums inside it."""
    return carried[:, :1] * fade + (carried[:, 1:] * fade + sums)


def _carried(xp: Any, carried: Any, chunk: Any) -> Any:
    """The sum to carry on after a chunk, in two rows: the sum, and what rounding took from it.

    Without the second row a float32 sum would drift in a long stream.
    """
    before, lost = carried[:, :1], carried[:, 1:]
    after = before + chunk
    added = after - before
    lost = lost + ((before - (after - added)) + (chunk - added))  # Knuth's two-sum: exact
    return xp.concatenate([after, lost], axis=1)


def _scan(xp: Any, element: list[Any], combine: Combine) -> list[Any]:
    """The element of all steps of a chunk up to each, by stretches of 1, 2, 4, ... steps."""
    steps, reach = element[0].shape[1], 1
    while reach < steps:
        both = combine([part[:, : steps - reach] for part in element], [part[:, reach:] for part in element])
        element = [xp.concatenate([part[:, :reach], rest], axis=1) for part, rest in zip(element, both, strict=True)]
        reach *= 2
    return element


def _slide(xp: Any, element: list[Any], memory: list[Any], span: int, combine: Combine) -> tuple[list[Any], list[Any]]:
    """The element of the last `span` steps at each step of a chunk, and the memory for the next chunk."""
    steps = element[0].shape[1]
    if memory:
        element = [xp.concatenate([old, new], axis=1) for old, new in zip(memory, element, strict=True)]
    kept = [part[:, steps:] for part in element] if memory else []
    return (_fold(xp, element, combine) if steps == 1 else _windows(element, steps, span, combine)), kept


def _fold(xp: Any, element: list[Any], combine: Combine) -> list[Any]:
    """The element of all steps, by halves."""
    steps = element[0].shape[1]
    while steps > 1:
        half = steps // 2
        both = combine([part[:, :half] for part in element], [part[:, half : 2 * half] for part in element])
        if steps % 2:
            both = [xp.concatenate([part, odd[:, -1:]], axis=1) for part, odd in zip(both, element, strict=True)]
        element, steps = both, half + steps % 2
    return element


def _windows(element: list[Any], steps: int, span: int, combine: Combine) -> list[Any]:
    """The elements of `steps` windows of `span` steps, put together from stretches of 1, 2, 4, ... steps."""
    total, covered, power = None, 0, 1
    while True:
        if span & power:
            stretch = [part[:, covered : covered + steps] for part in element]
            total = stretch if total is None else combine(total, stretch)
            covered += power
        if 2 * power > span:
            return total or element
        rows = element[0].shape[1] - power
        element = combine([part[:, :rows] for part in element], [part[:, power:] for part in element])
        power *= 2
