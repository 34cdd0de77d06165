"""A stream program as an ONNX model whose state goes in and comes out."""

from pathlib import Path
from typing import Any

import numpy as np

from kerashar.files import write_atomically
from kerashar.inference.stream_program import StreamProgram

OPSET = 17  # the oldest with all that is used, for old runtimes too
IR_VERSION = 9
Shape = tuple[int | None, ...]  # None stands for the batch


def export_onnx(program: StreamProgram, path: Path | str, chunk: int) -> None:
    """Write the model; see `Stream.export_onnx`."""
    try:
        import onnx
    except ImportError as error:
        raise ImportError("Expected the package onnx: pip install kerashar[export].") from error
    if not isinstance(chunk, int) or chunk < 1 or chunk % program.period:
        raise ValueError(
            f"Expected a chunk of {program.period}, or a multiple of it, since the model's strides come to that many "
            f"samples. Received: chunk={chunk!r}."
        )
    graph = _Graph(onnx)
    samples = graph.input("samples", (None, chunk, program.channels))
    position = graph.input("position", (), onnx.TensorProto.INT64)
    parts = [part for line in program.memory for part in line]
    memory = [graph.input(f"state_{n}", (None, part.rows, part.channels)) for n, part in enumerate(parts)]
    seen = graph.add("Cast", (), position, to=onnx.TensorProto.FLOAT)
    logits, kept = program.runner(graph, lambda array: array)(samples, memory, seen, 0)
    graph.output("logits", logits)
    for number, array in enumerate(kept):
        graph.output(f"new_state_{number}", array)
    model = graph.model()
    onnx.helper.set_model_props(model, {"owner": program.fingerprint, "chunk": str(chunk)})
    onnx.checker.check_model(model, full_check=True)
    write_atomically(path, lambda temporary: temporary.write_bytes(model.SerializeToString()))


class _Tensor:
    """A value of the graph that is computed with like an array."""

    __array_ufunc__ = None  # so that an array leaves `array * tensor` to the tensor

    def __init__(self, graph: "_Graph", name: str, shape: Shape) -> None:
        self.graph = graph
        self.name = name
        self.shape = shape

    def __add__(self, other: Any) -> "_Tensor":
        return self.graph.elementwise("Add", self, other)

    def __mul__(self, other: Any) -> "_Tensor":
        return self.graph.elementwise("Mul", self, other)

    def __sub__(self, other: Any) -> "_Tensor":
        return self.graph.elementwise("Sub", self, other)

    def __truediv__(self, other: Any) -> "_Tensor":
        return self.graph.elementwise("Div", self, other)

    __radd__ = __add__
    __rmul__ = __mul__

    def __getitem__(self, cuts: tuple[slice, ...]) -> "_Tensor":
        """Slices of all axes but the batch, which has to be `:`."""
        ranges = [range(*cut.indices(size or 0)) for cut, size in zip(cuts[1:], self.shape[1:], strict=False)]
        axes = range(1, len(cuts))
        figures = (
            [part.start for part in ranges],
            [part.stop for part in ranges],
            list(axes),
            [part.step for part in ranges],
        )
        shape = (None, *(len(part) for part in ranges), *self.shape[len(cuts) :])
        return self.graph.add("Slice", shape, self, *(np.array(figure, "int64") for figure in figures))


class _Graph:
    """The functions of `keras.ops` that instructions use, each of which adds a node."""

    def __init__(self, onnx: Any) -> None:
        self._onnx = onnx
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []

    def input(self, name: str, shape: Shape, kind: int | None = None) -> _Tensor:
        self._inputs.append(self._described(name, shape, kind))
        return _Tensor(self, name, shape)

    def output(self, name: str, tensor: _Tensor) -> None:
        self._nodes.append(self._onnx.helper.make_node("Identity", [tensor.name], [name]))
        self._outputs.append(self._described(name, tensor.shape))

    def model(self) -> Any:
        helper = self._onnx.helper
        graph = helper.make_graph(self._nodes, "stream", self._inputs, self._outputs, self._constants)
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="kerashar"
        )

    def add(self, operator: str, shape: Shape, *inputs: Any, **attributes: Any) -> _Tensor:
        name = f"value_{len(self._nodes)}"
        names = [entry.name if isinstance(entry, _Tensor) else self._constant(entry) for entry in inputs]
        self._nodes.append(self._onnx.helper.make_node(operator, names, [name], **attributes))
        return _Tensor(self, name, shape)

    def elementwise(self, operator: str, *inputs: Any) -> _Tensor:
        shapes = [entry.shape if isinstance(entry, _Tensor) else np.shape(entry) for entry in inputs]
        shape = np.broadcast_shapes(*(tuple(1 if size is None else size for size in own) for own in shapes))
        if any(None in own for own in shapes):
            shape = (None, *shape[1:])
        return self.add(operator, shape, *inputs)

    def arange(self, start: int, stop: int, dtype: str) -> np.ndarray:
        return np.arange(start, stop, dtype=dtype)

    def concatenate(self, tensors: list[_Tensor], axis: int) -> _Tensor:
        axis %= 3
        shape = list(tensors[0].shape)
        shape[axis] = sum(tensor.shape[axis] or 0 for tensor in tensors)
        return self.add("Concat", tuple(shape), *tensors, axis=axis)

    def matmul(self, inputs: _Tensor, kernel: np.ndarray) -> _Tensor:
        return self.add("MatMul", (*inputs.shape[:-1], kernel.shape[-1]), inputs, kernel)

    def reshape(self, tensor: Any, shape: tuple[int, ...]) -> Any:
        if isinstance(tensor, np.ndarray):
            return tensor.reshape(shape)
        return self.add("Reshape", (None, *shape[1:]), tensor, np.array(shape, "int64"))

    def repeat(self, tensor: _Tensor, times: int, axis: int) -> _Tensor:
        channels = tensor.shape[axis] or 0
        order = np.repeat(np.arange(channels), times)
        return self.add("Gather", (*tensor.shape[:-1], channels * times), tensor, order, axis=axis)

    def sum(self, tensor: _Tensor, axis: int, keepdims: bool) -> _Tensor:
        shape = list(tensor.shape)
        shape[axis] = 1
        return self.add("ReduceSum", tuple(shape), tensor, np.array([axis], "int64"), keepdims=int(keepdims))

    def ones_like(self, tensor: _Tensor) -> _Tensor:
        return self.exp(tensor - tensor)

    def sigmoid(self, tensor: _Tensor) -> _Tensor:
        return self.add("Sigmoid", tensor.shape, tensor)

    def arcsinh(self, tensor: _Tensor) -> _Tensor:
        return self.add("Asinh", tensor.shape, tensor)

    def erf(self, tensor: _Tensor) -> _Tensor:
        return self.add("Erf", tensor.shape, tensor)

    def exp(self, tensor: _Tensor) -> _Tensor:
        return self.add("Exp", tensor.shape, tensor)

    def sqrt(self, tensor: _Tensor) -> _Tensor:
        return self.add("Sqrt", tensor.shape, tensor)

    def tanh(self, tensor: _Tensor) -> _Tensor:
        return self.add("Tanh", tensor.shape, tensor)

    def maximum(self, first: Any, second: Any) -> _Tensor:
        return self.elementwise("Max", first, second)

    def minimum(self, first: Any, second: Any) -> _Tensor:
        return self.elementwise("Min", first, second)

    def _described(self, name: str, shape: Shape, kind: int | None = None) -> Any:
        kind = self._onnx.TensorProto.FLOAT if kind is None else kind
        return self._onnx.helper.make_tensor_value_info(
            name, kind, ["batch" if size is None else size for size in shape]
        )

    def _constant(self, value: Any) -> str:
        array = np.asarray(value, None if isinstance(value, np.ndarray) else "float32")
        name = f"constant_{len(self._constants)}"
        self._constants.append(self._onnx.numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name
