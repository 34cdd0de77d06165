"""What every runtime of a stream program shares."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from kerashar.inference.stream_program import StreamProgram
from kerashar.inference.stream_state import StreamState

LONGEST = 256  # samples computed at once: a long chunk costs no more memory than this, and few sizes are compiled


class Stepper:
    """Runs a stream program chunk by chunk; `Stream` and `NumpyStream` say over which arrays.

    A subclass gives `_array`, `_concatenate` and `_piece`.

    Args:
        program: what is computed.
    """

    def __init__(self, program: StreamProgram) -> None:
        self.program = program
        self._memory = [memory for line in program.memory for memory in line]

    def initial_state(self, batch: int = 1) -> StreamState:
        """The state of `batch` streams of which no sample has come."""
        if not isinstance(batch, int) or batch < 1:
            raise ValueError(f"Expected batch to be a whole number of at least 1. Received: batch={batch!r}.")
        arrays = (np.full((batch, part.rows, part.channels), part.fill, "float32") for part in self._memory)
        return StreamState(0, batch, self.program.fingerprint, tuple(self._array(array) for array in arrays))

    def step(self, samples: Any, state: StreamState) -> tuple[Any, StreamState]:
        """Take the next samples of each stream.

        Args:
            samples: `(batch, chunk, channels)`, array or tensor, in the units of the model's windows; any chunk.
            state: where the streams stand; it stays as it is.

        Returns:
            The outputs `(batch, steps, classes)`, one for each step of the model: one for each sample unless the
            model has strides. And the state after them.

        Raises:
            ValueError: other shapes, NaN or infinity in an array, or the state of another model.
        """
        samples = self._checked(samples, state)
        outputs, chunk = [], samples.shape[1]
        for start, stop in _pieces(chunk):
            phase = state.samples % self.program.period
            piece = self._array(samples[:, start:stop] if stop - start < chunk else samples)
            output, arrays = self._piece(piece, list(state.arrays), state.samples - phase, phase)
            state = state.advanced(stop - start, arrays)
            if output is not None:
                outputs.append(output)
        if len(outputs) == 1:
            return outputs[0], state
        if outputs:
            return self._concatenate(outputs), state
        return self._array(np.zeros((state.batch, 0, self.program.classes), "float32")), state

    def save(self, path: Path | str) -> None:
        """Write the program as an `.npz` file, which `NumpyStream.load` reads."""
        self.program.save(path)

    def _checked(self, samples: Any, state: StreamState) -> Any:
        if state.owner != self.program.fingerprint:
            raise ValueError(
                "Expected a state of this stream. Received: one of another model, or of this one with other weights."
            )
        if not hasattr(samples, "shape"):
            samples = np.asarray(samples, "float32")
        shape = tuple(samples.shape)
        if len(shape) != 3 or (shape[0], shape[2]) != (state.batch, self.program.channels):
            raise ValueError(
                f"Expected samples ({state.batch}, chunk, {self.program.channels}), as the state has {state.batch} "
                f"streams. Received: shape={shape}."
            )
        if isinstance(samples, np.ndarray) and not np.isfinite(samples).all():
            raise ValueError("Expected finite samples. Received: NaN or infinity; fill the gap, or start a new stream.")
        return samples

    def _array(self, array: Any) -> Any:
        """An array of this runtime, float32."""
        raise TypeError(f"Expected {type(self).__name__} to define _array.")

    def _concatenate(self, outputs: list[Any]) -> Any:
        """Outputs in a row."""
        raise TypeError(f"Expected {type(self).__name__} to define _concatenate.")

    def _piece(self, samples: Any, memory: list[Any], seen: int, phase: int) -> tuple[Any, list[Any]]:
        """Run the program on at most LONGEST samples."""
        raise TypeError(f"Expected {type(self).__name__} to define _piece.")


def _pieces(chunk: int) -> Iterator[tuple[int, int]]:
    """Cut a chunk into powers of two: nine sizes are all that is ever compiled."""
    start, size = 0, LONGEST
    while start < chunk:
        while size > chunk - start:
            size //= 2
        yield start, start + size
        start += size
