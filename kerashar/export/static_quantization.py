"""ONNX models that compute with whole numbers of eight bits."""

import io
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np

from kerashar.data.sample_set import SampleSet
from kerashar.export.float_onnx import compressed
from kerashar.export.input_cards import read_card
from kerashar.training.input_cards import check_fits

CALIBRATION = 256  # samples, drawn from all: enough for the ranges of activations
_BATCH = 64
_PERCENTILE = 99.99  # of a range's values: single outliers would make the steps coarse for all others


def quantize_static(model: keras.Model | Path | str, path: Path | str, calibration: SampleSet) -> None:
    """Write an ONNX model that multiplies int8 weights with eight-bit activations, whose ranges come from data.

    Use it where a processor is quicker with whole numbers, and measure: `kerashar compress` says what it costs in
    accuracy. Convolutions and products are quantised, each output channel with a scale of its own; what lies between
    them stays float32.

    Args:
        model: the model, its `.keras` file, or an `.onnx` file that `export_model` wrote.
        path: the `.onnx` file to write; the model's `input_card` goes along.
        calibration: windows or images of the training side, of which some are run to find the ranges of activations.

    Raises:
        ValueError: samples of another shape, rate, unit or channel order than the model's, a path that doesn't end in
            `.onnx`, or what `export_model` refuses.
        ImportError: a package is missing; the message says how to install it.
        OSError: the folder can't be written.

    Example:
        >>> from kerashar.export import quantize_static
        >>> quantize_static("runs/first/model.keras", "fast.onnx", split.train)  # doctest: +SKIP
    """
    with compressed(model, path) as (floats, out):
        from onnxruntime import quantization
        from onnxruntime.quantization.shape_inference import quant_pre_process

        reader = _calibration_reader(quantization.CalibrationDataReader, floats, calibration)
        prepared = floats.with_name("prepared.onnx")
        quant_pre_process(str(floats), str(prepared), skip_symbolic_shape=True)
        with redirect_stdout(io.StringIO()):  # it tells of each tensor
            quantization.quantize_static(
                str(prepared),
                str(out),
                reader,
                quant_format=quantization.QuantFormat.QDQ,
                op_types_to_quantize=["Conv", "MatMul", "Gemm"],
                per_channel=True,
                calibrate_method=quantization.CalibrationMethod.Percentile,
                extra_options={"CalibPercentile": _PERCENTILE},
                weight_type=quantization.QuantType.QInt8,
                activation_type=quantization.QuantType.QUInt8,
            )


def _calibration_reader(base: Any, floats: Path, calibration: SampleSet) -> Any:
    """What ONNX Runtime asks for batches until there are none."""
    import onnx

    (entry,) = onnx.load(floats).graph.input
    taken = tuple(size.dim_value for size in entry.type.tensor_type.shape.dim)[1:]
    model: Any = SimpleNamespace(input_card=read_card(floats))
    check_fits(model, calibration)
    if taken != calibration.sample_shape or not len(calibration):
        raise ValueError(
            f"Expected samples {taken} to calibrate with. Received: {len(calibration)} of {calibration.sample_shape}."
        )
    drawn = np.sort(np.random.default_rng(0).permutation(len(calibration))[:CALIBRATION])
    drawn = drawn[: len(drawn) // _BATCH * _BATCH or None]  # histograms take batches of one size
    samples = np.asarray(calibration.samples[drawn], "float32")
    batches = iter([{entry.name: samples[start : start + _BATCH]} for start in range(0, len(samples), _BATCH)])

    class Reader(base):
        def get_next(self) -> Any:
            return next(batches, None)

    return Reader()
