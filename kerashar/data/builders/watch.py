"""Watch recordings of shoulder exercises, which the seglearn package carries."""

import codecs
import hashlib
import importlib.util
import io
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from kerashar.data.builders.channels import SIX_CHANNELS
from kerashar.data.recording import Recording
from kerashar.data.segment import Segment

RATE = 50.0  # Hz, from seglearn/datasets.py
CHANNELS = SIX_CHANNELS
# seglearn doesn't name units. Its author's SPAR data set, the full version of these recordings with the same
# channel names, states G and rad/s; the values agree: a median of 1.07 for the acceleration's norm.
UNITS = ("g",) * 3 + ("rad/s",) * 3
EXERCISES = {
    "PEN": "pendulum",
    "ABD": "abduction",
    "FEL": "forward_elevation",
    "IR": "internal_rotation",
    "ER": "external_rotation",
    "TRAP": "trapezius_row",
    "ROW": "bent_over_row",
}
_SIDES = {0: "left", 1: "right"}
_SHA256 = "eb122f23cdf06ef6bd6c6c5312958ec5cf9d038e2e6d457b8081662c75a42537"  # seglearn 1.2.5


def watch_recordings(archive: Path | str | None = None, cache: Path | str | None = None) -> Iterator[Recording]:
    """The 140 watch recordings of 10 subjects: 7 shoulder exercises with each arm.

    Args:
        archive: seglearn's `watch_dataset.npy`; None takes the one of the installed package.
        cache: not used, since nothing is built; there so that all data sets are called alike.

    Returns:
        Recordings of acceleration (g) and angular rate (rad/s), `(time, 6)` at 50 Hz, each one segment.

    Raises:
        FileNotFoundError: the package or the file is missing.
        ValueError: the file isn't the one of seglearn 1.2.5.
    """
    path = _packaged_file() if archive is None else Path(archive)
    if not path.is_file():
        raise FileNotFoundError(f"No watch recordings at {path}. Install them: pip install 'kerashar[demo]'.")
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != _SHA256:
        raise ValueError(
            f"Expected {path} as in seglearn 1.2.5, SHA-256 {_SHA256[:12]}... Received: {digest[:12]}... "
            "Install it again: pip install --force-reinstall 'kerashar[demo]'."
        )
    data = read_object_array(content)
    for signal, exercise, subject, side in zip(
        data["X"], data["y"].tolist(), data["subject"].tolist(), data["side"].tolist(), strict=True
    ):
        code = data["y_labels"][exercise]
        yield Recording(
            signal=signal,
            rate=RATE,
            channels=CHANNELS,
            units=UNITS,
            subject=f"{subject:02}",
            recording_id=f"subject{subject:02}_{_SIDES[side]}_{code.lower()}",
            segments=(Segment(EXERCISES[code], 0, len(signal)),),
        )


def read_object_array(content: bytes) -> Any:
    """The one object inside a `.npy` file of objects, without running what the file asks for.

    NumPy would need `allow_pickle=True`, and a pickle can call any function. Here arrays of numbers, lists,
    dictionaries and text are put together, and everything else is refused.

    Raises:
        ValueError: the file isn't such an array, or it asks for anything else.
    """
    file = io.BytesIO(content)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("Expected a .npy file of version 1.0. Received: another version.")
    shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    if shape != () or not dtype.hasobject:
        raise ValueError(f"Expected one object in the .npy file. Received: shape {shape}, dtype {dtype}.")
    return _ArrayUnpickler(file).load().item()


def _latin1(text: str, encoding: str) -> bytes:
    """How NumPy's pickles of Python 2 age carry bytes; other codecs could decompress or worse."""
    if encoding != "latin1":
        raise ValueError(f"Expected bytes as latin1. Received: {encoding!r}.")
    return codecs.latin_1_encode(text)[0]


class _ArrayUnpickler(pickle.Unpickler):
    """Rebuilds NumPy arrays and calls nothing else."""

    _allowed = {  # noqa: RUF012 - a constant
        ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
        ("_codecs", "encode"): _latin1,
    }

    def find_class(self, module_name: str, global_name: str) -> Any:
        try:
            return self._allowed[module_name, global_name]
        except KeyError:
            raise ValueError(
                f"Expected arrays, lists and text only. Received: a file that asks for {module_name}.{global_name}."
            ) from None


def _packaged_file() -> Path:
    # find_spec on a top-level name looks the package up and doesn't run it.
    package = importlib.util.find_spec("seglearn")
    if package is None or not package.submodule_search_locations:
        raise FileNotFoundError(
            "The watch recordings come with the package seglearn, which is not installed. "
            "Install it: pip install 'kerashar[demo]'."
        )
    return Path(package.submodule_search_locations[0]) / "data" / "watch_dataset.npy"
