"""Streaming inference on the current Keras backend."""

from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.backend import compiled, small_ops
from kerashar.inference.program_builder import program_of
from kerashar.inference.stepper import Stepper


class Stream(Stepper):
    """Runs a causal model on streams: each sample is computed once, in constant time and memory.

    Use it where samples come one by one or in chunks and a decision is due at each. At every step the outputs equal
    those of the model on all samples so far (or since the stream began), within 1e-5: convolutions remember the last
    inputs that they need, gates and pools run over the past or, where the model has a `memory`, over that much of it.
    Several streams that began together run as one batch.

    The weights are those that the model has now: after more training, make a new stream.

    Args:
        model: a Functional model with one input and one output whose layers never look ahead: a registered one whose
            card says causal, or your own of kerashar's and Keras' layers.

    Raises:
        ValueError: a layer that looks ahead or that streams do not know; the message names it. `step` refuses what
            doesn't fit the state.

    Example:
        >>> from kerashar import create_model
        >>> stream = Stream(create_model("tcn", (None, 9), 6, hidden=8))
        >>> state = stream.initial_state(batch=2)
        >>> logits, state = stream.step(np.zeros((2, 30, 9)), state)
        >>> tuple(logits.shape), state.samples
        ((2, 30, 6), 30)

    Reference:
        Paine et al., "Fast Wavenet Generation Algorithm", 2016, for convolutions that remember their inputs.
    """

    def __init__(self, model: keras.Model) -> None:
        super().__init__(program_of(model))
        self._run = self.program.runner(small_ops(), ops.convert_to_tensor)
        self._compiled: dict[tuple[int, int], Any] = {}  # by samples at once and phase of the strides

    def export_onnx(self, path: Path | str, chunk: int = 1) -> None:
        """Write an ONNX model that takes `chunk` samples of any number of streams; it needs the extra `export`.

        Inputs are `samples` `(batch, chunk, channels)`, `position` (samples that came before, one int64) and
        `state_0`, `state_1`, ...; outputs `logits` and `new_state_0`, .... `initial_state(batch).arrays` are the first
        states in their order.

        Raises:
            ValueError: a chunk that is not a multiple of the model's strides.
        """
        from kerashar.inference.stream_onnx import export_onnx

        export_onnx(self.program, path, chunk)

    def _array(self, array: Any) -> Any:
        return ops.convert_to_tensor(array, "float32")

    def _concatenate(self, outputs: list[Any]) -> Any:
        return ops.concatenate(outputs, axis=1)

    def _piece(self, samples: Any, memory: list[Any], seen: int, phase: int) -> tuple[Any, list[Any]]:
        key = samples.shape[1], phase
        if key not in self._compiled:
            self._compiled[key] = compiled(partial(self._run, phase=phase))
        # A state that was loaded has arrays of NumPy.
        memory = [self._array(array) if isinstance(array, np.ndarray) else array for array in memory]
        return self._compiled[key](samples, memory, self._array(np.float32(seen)))
