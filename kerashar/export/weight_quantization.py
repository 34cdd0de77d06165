"""ONNX models whose weights are whole numbers of eight bits."""

from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerashar.export.float_onnx import compressed

_LEAST = 256  # values of a weight below which the scales outweigh what is saved
_OUTPUTS = {"Conv": 0, "Gemm": -1, "MatMul": -1, "LSTM": 1}  # the axis of a weight's output channels, by what takes it


def quantize_weights(model: keras.Model | Path | str, path: Path | str) -> None:
    """Write an ONNX model whose weights are int8, about a quarter of the size, and which computes in float32.

    Use it where the size of the file counts, and where there are no data to calibrate with. Each output channel has a
    scale of its own. The runtime turns weights back into floats as it loads the file, so that speed and memory stay as
    they are.

    Args:
        model: the model, its `.keras` file, or an `.onnx` file that `export_model` wrote.
        path: the `.onnx` file to write; the model's `input_card` goes along.

    Raises:
        ValueError: a path that doesn't end in `.onnx`, or what `export_model` refuses.
        ImportError: a package is missing; the message says how to install it.
        OSError: the folder can't be written.

    Example:
        >>> from kerashar.export import quantize_weights
        >>> quantize_weights("runs/first/model.keras", "small.onnx")  # doctest: +SKIP
    """
    with compressed(model, path) as (floats, out):
        import onnx

        loaded = onnx.load(floats)
        _quantize(loaded.graph, onnx)
        onnx.checker.check_model(loaded)
        onnx.save(loaded, out)


def _quantize(graph: Any, onnx: Any) -> None:
    weights = {entry.name: entry for entry in graph.initializer}
    axes: dict[str, int] = {}
    for node in graph.node:
        for name in node.input[1:3] if node.op_type == "LSTM" else node.input[1:2]:
            if node.op_type in _OUTPUTS and name in weights:
                axes[name] = _output_axis(node)
    restoring = []
    for name, axis in axes.items():
        values = onnx.numpy_helper.to_array(weights[name])
        if values.dtype != np.float32 or values.ndim < 2 or values.size < _LEAST:
            continue
        others = tuple(set(range(values.ndim)) - {axis % values.ndim})
        scale = np.abs(values).max(axis=others, keepdims=True) / 127
        scale = np.where(scale == 0, 1, scale).astype("float32")
        parts = {"int8": np.round(values / scale).astype("int8"), "scale": scale}
        graph.initializer.remove(weights[name])
        for part, array in parts.items():
            graph.initializer.append(onnx.numpy_helper.from_array(array, f"{name}_{part}"))
        # In place of one DequantizeLinear, which ONNX Runtime repeats at each prediction.
        restoring += [
            onnx.helper.make_node("Cast", [f"{name}_int8"], [f"{name}_float"], to=onnx.TensorProto.FLOAT),
            onnx.helper.make_node("Mul", [f"{name}_float", f"{name}_scale"], [name]),
        ]
    nodes = [*restoring, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def _output_axis(node: Any) -> int:
    transposed = node.op_type == "Gemm" and any(entry.name == "transB" and entry.i for entry in node.attribute)
    return 0 if transposed else _OUTPUTS[node.op_type]
