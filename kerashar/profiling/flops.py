"""The work of a forward pass."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any

import keras

from kerashar import backend
from kerashar.profiling.products import BY_BACKEND, BY_KERAS_OPS, BY_LAYER, UNKNOWN, Cost, attention_of_layer
from kerashar.replacing import replacing

# Those that are nodes of a model's graph; Keras has no public names for their classes.
_BY_OPERATION = {name.title().replace("_", ""): cost for name, cost in BY_KERAS_OPS.items()}


def count_flops(model: keras.Model, input_shape: Sequence[int] | None = None) -> int:
    """Count the multiply-adds by which a model classifies one sample.

    Use it to compare what models cost. As fvcore and timm do, it calls a multiply-add one FLOP, and counts
    convolutions, linear layers and products of matrices, whichever layer they are part of and however the backend
    computes them. Normalisations, activations, pools, sums and Fourier transforms are left out, and so is what is
    the same for all samples, such as merging kernels. Nothing is computed: the model is only traced.

    Args:
        model: a built model with one input.
        input_shape: shape of one sample. Defaults to that of the model's input.

    Raises:
        ValueError: a shape that is not known whole or does not fit, or a layer with a matrix or kernel of which no
            product was seen, so that its work is unknown.

    Example:
        >>> model = keras.Sequential([keras.Input((8, 3)), keras.layers.Conv1D(4, 5, padding="same")])
        >>> count_flops(model)  # 8 steps, 5 taps, 3 channels, 4 filters
        480
    """
    shape = tuple(model.input_shape[1:] if input_shape is None else input_shape)
    if None in shape:
        raise ValueError(f"Expected the whole shape of a sample. Received: input_shape={shape}.")
    one, two = (_traced(model, (batch, *shape)) for batch in (1, 2))
    if one.missed:
        raise ValueError(
            "Expected layers that multiply by keras.ops or kerashar.backend, so that their work can be counted. "
            f"Received: {', '.join(one.missed)}, whose products were not seen."
        )
    return two.total - one.total


def _traced(model: keras.Model, shape: tuple[int, ...]) -> "_Counter":
    counters = []

    class Call(keras.Operation):
        def call(self, inputs: Any) -> Any:
            counters.append(_Counter())  # anew: torch calls twice where its tensors without values won't do
            with counters[-1].counting():
                return model(inputs, training=False)

    Call().compute_output_spec(keras.KerasTensor(shape))
    return counters[-1]


class _Counter:
    """Adds products up, and those of the layer that runs now apart."""

    def __init__(self) -> None:
        self.total = 0
        self.of_layer = 0
        self.inside = False  # what a product calls in turn is part of it
        self.missed: list[str] = []

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count what is called meanwhile, by putting functions that count in the place of Keras' and ours."""
        places = [
            *(
                (module, name, self._product(getattr(module, name), cost))
                for module, costs in ((keras.ops, BY_KERAS_OPS), (backend, BY_BACKEND))
                for name, cost in costs.items()
            ),
            (keras.Operation, "__call__", self._operation(keras.Operation.__call__)),
            (keras.layers.Layer, "__call__", self._layer(keras.layers.Layer.__call__)),
            (backend, "kind_of_call", lambda *call: None),  # no layer runs unseen
        ]
        with replacing(places):
            yield

    def _product(self, function: Callable[..., Any], cost: Cost) -> Callable[..., Any]:
        """The function, which also adds what a call costs."""

        @wraps(function)
        def call(*arguments: Any, **options: Any) -> Any:
            if self.inside:
                return function(*arguments, **options)
            self.inside = True
            try:
                outputs = function(*arguments, **options)
            finally:
                self.inside = False
            self._add(cost(outputs, *arguments, **options))
            return outputs

        return call

    def _add(self, work: int) -> None:
        self.total += work
        self.of_layer += work

    def _layer(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """`Layer.__call__`, which also sees whether the layer's products were counted."""

        @wraps(function)
        def call(layer: keras.layers.Layer, *arguments: Any, **options: Any) -> Any:
            if self.inside:
                return function(layer, *arguments, **options)
            outer, self.of_layer = self.of_layer, 0
            known = [cost for kinds, cost in BY_LAYER.items() if isinstance(layer, kinds)]
            outputs = (self._product(function, known[0]) if known else function)(layer, *arguments, **options)
            if isinstance(layer, keras.layers.MultiHeadAttention):
                self._add(attention_of_layer(outputs, layer, *arguments, **options))
            if not known and (isinstance(layer, UNKNOWN) or (not self.of_layer and _has_matrix(layer))):
                self.missed.append(f"{layer.path} ({type(layer).__name__})")
            self.of_layer = outer
            return outputs

        return call

    def _operation(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """`Operation.__call__`, by which a model calls the nodes of its graph that are no layers."""

        @wraps(function)
        def call(operation: keras.Operation, *arguments: Any, **options: Any) -> Any:
            outputs = function(operation, *arguments, **options)
            kind = type(operation).__name__
            if kind in _BY_OPERATION and not isinstance(operation, keras.layers.Layer) and not self.inside:
                subscripts = [operation.subscripts] if kind == "Einsum" else []
                self._add(_BY_OPERATION[kind](outputs, *subscripts, *arguments, **options))
            return outputs

        return call


def _has_matrix(layer: keras.layers.Layer) -> bool:
    """Whether a weight of its own, not of a layer in it, has several axes: those of scales and biases have one."""
    parts = layer._flatten_layers(include_self=False, recursive=False)
    theirs = {id(weight) for part in parts for weight in part.weights}
    return any(id(weight) not in theirs and len(weight.shape) > 1 for weight in layer.weights)
