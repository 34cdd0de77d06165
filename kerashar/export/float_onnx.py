"""The float32 ONNX model that a compressed one is made of."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras

from kerashar.export.exporting import export_model, move_into_place, staged
from kerashar.export.formats import check_packages, format_of


@contextmanager
def compressed(model: keras.Model | Path | str, path: Path | str) -> Iterator[tuple[Path, Path]]:
    """Two paths of ONNX models: of the float32 export, which is there, and of the one to write, which moves to `path`.

    Args:
        model: the model, its `.keras` file, or an `.onnx` file that `export_model` wrote.
        path: of the compressed model.

    Raises:
        FileNotFoundError: no such `.onnx` file.
        ValueError: a path that doesn't end in `.onnx`, or what `export_model` refuses.
        ImportError: a package is missing.
    """
    path = Path(path)
    if format_of(path) != "onnx":
        raise ValueError(f"Expected the path of a compressed model to end in .onnx. Received: {str(path)!r}.")
    check_packages(["onnx", "onnxruntime"])
    with staged(path) as out:
        floats = out.parent.parent / "float.onnx"
        if not isinstance(model, keras.Model) and Path(model).suffix == ".onnx":
            shutil.copyfile(model, floats)
        else:
            export_model(model, floats)
        yield floats, out
        move_into_place(out, path)
