"""Exports, run by the programs that they are for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerashar.export.formats import Format

Run = Callable[[np.ndarray], np.ndarray]


def load_export(path: Path | str, kind: Format) -> Run:
    """A function from samples `(batch, ...)` to an export's logits, on the CPU.

    A SavedModel runs only where Keras runs on TensorFlow.
    """
    return {"onnx": _onnx, "litert": _litert, "openvino": _openvino, "saved_model": _saved_model}[kind](str(path))


def _onnx(path: str) -> Run:
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (entry,) = session.get_inputs()
    return lambda samples: np.asarray(session.run(None, {entry.name: samples})[0])


def _litert(path: str) -> Run:
    from ai_edge_litert.interpreter import Interpreter

    interpreter: Any = Interpreter(path)
    (entry,), (exit_,) = interpreter.get_input_details(), interpreter.get_output_details()

    def run(samples: np.ndarray) -> np.ndarray:
        interpreter.resize_tensor_input(entry["index"], samples.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(entry["index"], samples)
        interpreter.invoke()
        return interpreter.get_tensor(exit_["index"])

    return run


def _openvino(path: str) -> Run:
    import openvino

    # By default OpenVINO computes in half precision where the processor can.
    compiled = openvino.Core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return lambda samples: np.asarray(compiled(samples)[0])


def _saved_model(path: str) -> Run:
    layer = keras.layers.TFSMLayer(path, call_endpoint="serve")
    return lambda samples: np.asarray(layer(samples))
