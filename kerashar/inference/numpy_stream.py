"""Streaming inference with NumPy alone."""

from pathlib import Path
from typing import Any, Self

import numpy as np
from scipy.special import erf, expit

from kerashar.inference.stepper import Stepper
from kerashar.inference.stream_program import StreamProgram


class NumpyStream(Stepper):
    """Runs a saved stream without Keras, torch, JAX or TensorFlow: it needs NumPy and SciPy.

    Use it on a small device, or where one stream comes sample by sample: it has the least overhead of all runtimes.

    Args:
        program: what is computed; `load` reads it.

    Raises:
        ValueError: `load` of a file that is damaged, or not a saved stream; `step` on what doesn't fit the state.

    Example:
        >>> import tempfile
        >>> from kerashar import create_model
        >>> from kerashar.inference import NumpyStream, Stream
        >>> path = tempfile.mkdtemp() + "/model.stream.npz"
        >>> Stream(create_model("tcn", (None, 9), 6, hidden=8)).save(path)
        >>> stream = NumpyStream.load(path)
        >>> logits, state = stream.step(np.zeros((2, 30, 9)), stream.initial_state(2))
        >>> logits.shape, state.samples
        ((2, 30, 6), 30)
    """

    def __init__(self, program: StreamProgram) -> None:
        super().__init__(program)
        self._run = program.runner(_NumPy, np.asarray)

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read what `Stream.save` wrote; everything in the file is checked, nothing in it is run."""
        return cls(StreamProgram.load(path))

    def _array(self, array: Any) -> np.ndarray:
        return np.asarray(array, "float32")

    def _concatenate(self, outputs: list[Any]) -> np.ndarray:
        return np.concatenate(outputs, axis=1)

    def _piece(self, samples: Any, memory: list[Any], seen: int, phase: int) -> tuple[Any, list[Any]]:
        return self._run(samples, memory, np.float32(seen), phase)


class _NumPy:
    """The functions of `keras.ops` that instructions use, on NumPy."""

    arange = np.arange
    arcsinh = np.arcsinh
    concatenate = np.concatenate
    erf = staticmethod(erf)
    exp = np.exp
    maximum = np.maximum
    minimum = np.minimum
    ones_like = np.ones_like
    repeat = np.repeat
    reshape = np.reshape
    sigmoid = staticmethod(expit)
    sqrt = np.sqrt
    sum = np.add.reduce
    tanh = np.tanh

    @staticmethod
    def matmul(inputs: np.ndarray, kernel: np.ndarray) -> np.ndarray:
        """One product over all streams and steps; NumPy's own takes one for each stream."""
        outputs = inputs.reshape(-1, inputs.shape[-1]) @ kernel
        return outputs.reshape(*inputs.shape[:-1], kernel.shape[-1])
