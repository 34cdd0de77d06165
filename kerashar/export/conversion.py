"""Writing exports where Keras runs on TensorFlow: every format is made from its graph."""

import json
import tempfile
from pathlib import Path
from typing import Any

import keras
from keras import ops

from kerashar.export.comparison import largest_difference
from kerashar.export.formats import Format
from kerashar.export.input_cards import write_card
from kerashar.export.portable import layers_of, make_portable, portable_operations
from kerashar.export.runtimes import load_export
from kerashar.export.samples import drawn_samples
from kerashar.models import load_model

BATCHES = (1, 3)  # that an export is tried on
MIXED = ("mixed_float16", "mixed_bfloat16")


def convert(file: Path, kind: Format, out: Path) -> float:
    """Write a model's export, with its card, and compare it with the model.

    Args:
        file: a `.keras` file.
        kind: the format.
        out: the file or folder to write.

    Returns:
        The largest difference of a logit.

    Raises:
        ValueError: a model of several inputs or of no fixed size, or an export whose logits differ. What the formats'
            packages raise of operations that they don't know, besides.
    """
    model = in_float32(load_model(file))
    samples = drawn_samples(model, max(BATCHES))
    expected = ops.convert_to_numpy(model(samples, training=False))
    make_portable(model, unroll=kind == "litert")
    with portable_operations():
        _WRITERS[kind](model, out)
    write_card(out, kind, getattr(model, "input_card", None))
    run = load_export(out, kind)
    return max(largest_difference(run(samples[-batch:]), expected[-batch:]) for batch in BATCHES)


def in_float32(model: keras.Model) -> keras.Model:
    """The model, or the same in float32 where it computes in mixed precision."""
    if all(layer.dtype_policy.name not in MIXED for layer in layers_of(model)):
        return model
    config = json.dumps(keras.saving.serialize_keras_object(model))
    for policy in MIXED:
        config = config.replace(f'"{policy}"', '"float32"')
    same: Any = keras.saving.deserialize_keras_object(json.loads(config))
    same.set_weights(model.get_weights())
    same.input_card = getattr(model, "input_card", None)
    return same


def _write_saved_model(model: Any, out: Path) -> None:
    model.export(str(out), format="tf_saved_model", verbose=False)


def _write_litert(model: Any, out: Path) -> None:
    model.export(str(out), format="litert", verbose=False)


def _write_onnx(model: Any, out: Path) -> None:
    import onnx

    model.export(str(out), format="onnx", verbose=False)
    graph = onnx.load(out)
    _name(graph.graph)
    onnx.checker.check_model(graph)
    onnx.save(graph, out)


def _write_openvino(model: Any, out: Path) -> None:
    """From the ONNX form: from TensorFlow's graph OpenVINO takes neither padded depthwise convolutions nor LSTMs."""
    import openvino

    with tempfile.TemporaryDirectory() as folder:
        between = Path(folder) / "model.onnx"
        _write_onnx(model, between)
        openvino.save_model(openvino.convert_model(str(between)), str(out), compress_to_fp16=False)


def _name(graph: Any) -> None:
    """Give the output and the free axis names that say what they are."""
    (entry,), (output,) = graph.input, graph.output
    for node in graph.node:
        for names in (node.input, node.output):
            names[:] = ["logits" if each == output.name else each for each in names]
    output.name = "logits"
    for value in (entry, output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"


_WRITERS = {
    "onnx": _write_onnx,
    "litert": _write_litert,
    "openvino": _write_openvino,
    "saved_model": _write_saved_model,
}
