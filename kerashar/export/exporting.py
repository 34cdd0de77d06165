"""Trained models in other programs' formats."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras

from kerashar.export.formats import FORMATS, Format, check_packages, format_of
from kerashar.fresh_process import DiedError, answer_apart
from kerashar.models import save_model

_LONGEST = 300  # letters of a package's message


def export_model(model: keras.Model | Path | str, path: Path | str, format: Format | None = None) -> float:  # noqa: A002
    """Write a model in a format that runs without Keras, after comparing what it gives with what the model gives.

    Use it to run a trained model in another program, on a phone or in a browser. A fresh process on TensorFlow loads
    the model's file, whatever backend wrote it, writes the export, and runs it on samples at two batch sizes. Only one
    whose logits are the model's, within 1e-4, is moved into place. The batch stays free, mixed precision becomes
    float32, and the model's `input_card` goes along: see `read_card`.

    Args:
        model: the model, or its `.keras` file.
        path: what to write: `.onnx`, `.tflite` (LiteRT), `.xml` (OpenVINO, which writes a `.bin` beside it), or a
            folder without suffix (a TensorFlow SavedModel). An earlier export is replaced.
        format: `"onnx"`, `"litert"`, `"openvino"` or `"saved_model"`; None goes by the suffix.

    Returns:
        The largest difference of a logit from the model's.

    Raises:
        ValueError: an unknown suffix, a model of several inputs or of no fixed size, an operation that the format
            lacks, or other logits than the model's. There is no file then.
        ImportError: a package is missing; the message says how to install it.
        OSError: the folder can't be written.

    Example:
        >>> from kerashar.export import export_model
        >>> export_model("runs/first/model.keras", "model.onnx") < 1e-4  # doctest: +SKIP
        True
    """
    path = Path(path)
    kind = format_of(path, format)
    check_packages(FORMATS[kind].packages)
    _check_replaceable(path, kind)
    with staged(path) as out:
        (answer,) = convert_apart([{"file": str(model_file(model, out)), "kind": kind, "out": str(out)}])
        if "problem" in answer:
            raise ValueError(_explained(answer, kind))
        move_into_place(out, path)
    return answer["difference"]


def convert_apart(jobs: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
    """What the process of `worker.py` answers to jobs: all in one process, since starting TensorFlow takes seconds."""
    try:
        return answer_apart("kerashar.export.worker", list(jobs), KERAS_BACKEND="tensorflow", CUDA_VISIBLE_DEVICES="-1")
    except DiedError as error:
        raise RuntimeError(f"Expected the process that exports to end well. Received: {error}.") from error


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """The path of the same name in a folder of its own beside it, which is gone in the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.stem}-", dir=path.parent) as folder:
        out = Path(folder) / "export" / path.name
        out.parent.mkdir()
        yield out


def model_file(model: keras.Model | Path | str, out: Path) -> Path:
    """The file of a model; one that is not in a file is saved beside the staged export's folder."""
    if isinstance(model, keras.Model):
        file = out.parent.parent / "model.keras"
        save_model(model, file)
        return file
    if not Path(model).exists():
        raise FileNotFoundError(f"Expected a .keras file. Received: {model}, which doesn't exist.")
    return Path(model)


def move_into_place(out: Path, path: Path) -> None:
    """Move a staged export beside which its other files lie; its own name comes last, when all else is there."""
    for other in sorted(out.parent.iterdir()):
        if other != out:
            os.replace(other, path.with_name(other.name))
    if out.is_dir() and path.exists():  # a folder takes no other's place
        shutil.move(path, out.parent.parent / "replaced")
    os.replace(out, path)


def _check_replaceable(path: Path, kind: Format) -> None:
    if kind != "saved_model":
        if path.is_dir():
            raise ValueError(f"Expected a file to write. Received: {path}, which is a folder.")
    elif path.exists() and not (path / "saved_model.pb").exists() and (path.is_file() or any(path.iterdir())):
        raise ValueError(f"Expected a new folder, or an earlier export. Received: {path}, which holds something else.")


def _explained(answer: dict[str, Any], kind: Format) -> str:
    if answer["expected"]:
        return answer["problem"]
    return f"Expected a model that can be written as {kind}. Received: {answer['problem'][:_LONGEST]}."
