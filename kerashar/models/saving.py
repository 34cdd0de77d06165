"""Saving models, and loading them without running anything that a file brings along."""

import inspect
import json
import math
import os
import tempfile
import threading
import zipfile
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import keras

from kerashar.files import write_atomically
from kerashar.initial_weights import drawn_by_numpy
from kerashar.models.archive_check import CARD, CONFIG, METADATA, WEIGHTS, Archive, RefusedError, read_archive
from kerashar.models.config_check import prediction_config
from kerashar.models.input_card import InputCard
from kerashar.replacing import replacing

MAX_BYTES = 2 * 2**30  # 2 GiB: hundreds of times the largest model here
_SPARE_VALUES = 2**22  # 16 MiB of variables that a file need not hold, such as the states of seeds and cells


def save_model(model: keras.Model, path: Path | str) -> None:
    """Write a model to a `.keras` file, atomically; every backend can load it.

    Use it instead of `model.save`: a crash or a full disk leaves the old file as it was, and the model's `input_card`,
    where it has one, goes into the file.

    Args:
        model: the model; built, so that it has weights.
        path: file to write; it must end in `.keras`. Its folder is made if it is missing.

    Raises:
        ValueError: the path ends in something else, or the model is not built.
        OSError: the folder can't be written or the disk is full.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "model.keras"
        >>> save_model(keras.Sequential([keras.Input((9,)), keras.layers.Dense(6)]), file)
        >>> load_model(file).output_shape
        (None, 6)
    """
    path = Path(path)
    if path.suffix != ".keras":
        raise ValueError(f"Expected a path that ends in .keras. Received: {str(path)!r}.")
    if not model.built:
        raise ValueError(f"Expected a built model. Received: {model.name!r}, not built; call it on a batch first.")
    write_atomically(path, lambda temporary: _write(model, temporary))


def load_model(
    path: Path | str,
    custom_objects: Mapping[str, type] | None = None,
    max_bytes: int = MAX_BYTES,
) -> keras.Model:
    """Read a model from a `.keras` file, for prediction; nothing in the file is run.

    Use it for every model file, above all for those of others. The file is read once. Its members, the
    classes in its config and its weights are checked before Keras sees them, and Keras gets a fresh archive
    of what passed. The model comes without optimizer, loss and metrics: call `compile` to train it further.
    A file can't ask for many more weights than it holds; a hostile one can still describe a slow network.

    Args:
        path: the file; any backend may have written it.
        custom_objects: classes of your own by name, trusted besides those of kerashar and Keras.
        max_bytes: largest size of the file and of its contents, in bytes. Defaults to 2 GiB.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is refused: damaged, too large, a legacy `.h5` file or SavedModel folder, or a
            config or weights that could run code, open files or exhaust memory. The message says which.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "model.keras"
        >>> save_model(keras.Sequential([keras.Input((9,)), keras.layers.Dense(6)]), file)
        >>> load_model(file, max_bytes=10)
        Traceback (most recent call last):
        ValueError: Refused to load ...
    """
    path = Path(path)
    trusted = dict(custom_objects or {})
    for name, value in trusted.items():
        if not inspect.isclass(value):
            raise ValueError(f"Expected custom_objects to hold classes. Received: {name}={value!r}.")
    try:
        archive = read_archive(_read(path, max_bytes), max_bytes)
        config = prediction_config(archive.config, trusted)
    except RefusedError as refused:
        raise ValueError(f"Refused to load {path}. {refused}") from None
    except (FileNotFoundError, PermissionError):
        raise
    except Exception as error:  # zipfile, json and h5py raise most kinds on damaged files
        raise ValueError(
            f"Refused to load {path}. It is damaged ({_short(error)}). Copy it again from where it came, "
            "or save the model again with kerashar.save_model."
        ) from error

    with tempfile.TemporaryDirectory(prefix="kerashar-") as folder:
        checked = Path(folder) / "model.keras"
        with zipfile.ZipFile(checked, "w") as fresh:
            fresh.writestr(METADATA, json.dumps(archive.metadata))
            fresh.writestr(CONFIG, json.dumps(config))
            fresh.writestr(WEIGHTS, archive.weights)
        try:
            with _weights_limited(archive), drawn_by_numpy():
                loaded: Any = keras.saving.load_model(checked, trusted, compile=False, safe_mode=True)
        except RefusedError as refused:
            raise ValueError(f"Refused to load {path}. {refused}") from None
        except Exception as error:  # Keras raises most kinds on configs that make no sense
            saved_by = str(archive.metadata.get("keras_version"))[:20]
            raise ValueError(
                f"Could not load {path}. Its contents are allowed, but Keras {keras.__version__} can't "
                f"rebuild what Keras {saved_by} saved ({_short(error)}). Save it again with this version."
            ) from error
    if not isinstance(loaded, keras.Model):
        raise ValueError(f"Refused to load {path}. Expected a model. Received: a {type(loaded).__name__}.")
    if archive.card is not None:
        try:
            loaded.input_card = InputCard.from_json(archive.card)
        except (ValueError, TypeError) as error:
            raise ValueError(f"Refused to load {path}. Its {CARD} makes no sense: {_short(error)}") from None
    return loaded


def _write(model: keras.Model, path: Path) -> None:
    model.save(path)
    card: InputCard | None = getattr(model, "input_card", None)
    if card is not None:
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(CARD, json.dumps(card.to_json()))


def _read(path: Path, max_bytes: int) -> bytes:
    if path.is_dir():
        raise RefusedError(
            "Expected a .keras file. Received: a folder. A TensorFlow SavedModel can hold any program; save "
            "the model with kerashar.save_model."
        )
    if path.exists() and not path.is_file():
        raise RefusedError("Expected a regular file. Received: a device or a pipe.")
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > max_bytes:
            raise RefusedError(
                f"Expected at most {max_bytes} bytes. Received: a larger file. Pass a larger max_bytes if you trust it."
            )
        return file.read(size)  # what is appended meanwhile is neither checked nor loaded


def _weights_limited(archive: Archive) -> AbstractContextManager[None]:
    """Let this thread create about as many weights as the archive holds, and no more.

    Keras creates all weights before it compares their shapes with the file, so a config of a few bytes can
    ask for more memory than the machine has. The constructor of its variables is the one place that every
    shape passes before memory is taken.
    """
    variable: Any = keras.Variable
    create = variable.__init__
    loading = threading.get_ident()
    left = 2 * archive.stored_values + _SPARE_VALUES

    def create_within_limit(self: Any, initializer: Any, shape: Any = None, *args: Any, **settings: Any) -> None:
        nonlocal left
        if threading.get_ident() == loading:
            left -= math.prod(shape or ())
            if left < 0:
                raise RefusedError(
                    f"Its config asks for more weights, one of shape {tuple(shape)}, than the file holds "
                    f"({archive.stored_values}). Copy the file again, or save the model again."
                )
        create(self, initializer, shape, *args, **settings)

    return replacing([(variable, "__init__", create_within_limit)])


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0][:200]}".rstrip(": ")
