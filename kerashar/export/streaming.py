"""Causal models as ONNX models that carry their state from chunk to chunk."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.export.comparison import largest_difference
from kerashar.export.exporting import move_into_place, staged
from kerashar.export.formats import check_packages, format_of
from kerashar.export.input_cards import write_card
from kerashar.export.samples import drawn_samples
from kerashar.inference import Stream
from kerashar.models import load_model

_STREAMS = 2  # that run as one batch where an export is tried
_FREE_LENGTH = 96  # samples, where a model takes signals of any length


def export_stream(model: keras.Model | Path | str, path: Path | str, chunk: int = 1) -> float:
    """Write a causal model as an ONNX model that takes a stream in chunks, after comparing it with the batch form.

    Use it where samples come one by one and a decision is due at each, in a program without Keras. Inputs and outputs
    are those of `Stream.export_onnx`; the model's `input_card` goes along.

    Args:
        model: a causal model, or its `.keras` file.
        path: the `.onnx` file to write.
        chunk: samples that it takes at once: a multiple of the model's strides.

    Returns:
        The largest difference of a logit from what the model gives on the whole signal.

    Raises:
        ValueError: a path that doesn't end in `.onnx`, a model that looks ahead, a chunk that its strides don't divide,
            or other logits than the model's. There is no file then.
        ImportError: a package is missing; the message says how to install it.
        OSError: the folder can't be written.

    Example:
        >>> from kerashar.export import export_stream
        >>> export_stream("runs/causal/model.keras", "stream.onnx", chunk=8) < 1e-4  # doctest: +SKIP
        True
    """
    path = Path(path)
    if format_of(path) != "onnx":
        raise ValueError(f"Expected a stream's path to end in .onnx. Received: {str(path)!r}.")
    check_packages(["onnx", "onnxruntime"])
    loaded = model if isinstance(model, keras.Model) else load_model(model)
    stream = Stream(loaded)
    with staged(path) as out:
        stream.export_onnx(out, chunk)
        write_card(out, "onnx", getattr(loaded, "input_card", None))
        difference = _compared(loaded, stream, out, chunk)
        move_into_place(out, path)
    return difference


def _compared(model: keras.Model, stream: Stream, file: Path, chunk: int) -> float:
    """The largest difference after the model's whole window, or after two lengths where it takes any."""
    known = model.input_shape[1]
    lengths = [known] if known else [_FREE_LENGTH // 3, _FREE_LENGTH]
    signal = drawn_samples(model, _STREAMS, time=lengths[-1])
    fed = np.concatenate([signal, np.zeros((_STREAMS, -lengths[-1] % chunk, signal.shape[-1]), "float32")], axis=1)
    outputs = _fed(stream, file, fed, chunk)
    step = fed.shape[1] // outputs.shape[1]  # samples from one output to the next
    return max(
        largest_difference(outputs[:, -(-length // step) - 1], np.asarray(model.predict_on_batch(signal[:, :length])))
        for length in lengths
    )


def _fed(stream: Stream, file: Path, signal: np.ndarray, chunk: int) -> np.ndarray:
    """What the ONNX model gives of a signal in chunks."""
    import onnxruntime

    session: Any = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    taken = {entry.name for entry in session.get_inputs()}
    state = [ops.convert_to_numpy(array) for array in stream.initial_state(len(signal)).arrays]
    outputs = []
    for start in range(0, signal.shape[1], chunk):
        given = {f"state_{number}": array for number, array in enumerate(state)}
        given |= {"samples": signal[:, start : start + chunk], "position": np.array(start)}
        logits, *state = session.run(None, {name: value for name, value in given.items() if name in taken})
        outputs.append(logits)
    return np.concatenate(outputs, axis=1)
