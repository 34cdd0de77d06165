"""Where a stream stands."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from kerashar.inference.array_file import load_arrays, save_arrays


@dataclass(frozen=True, eq=False)
class StreamState:
    """What a stream remembers between two steps; of the same size however long the stream.

    Use it to carry a stream on, to branch it, or to save it. A step makes a new state and leaves the old one as it is.

    Args:
        samples: samples that came so far, in each of the streams.
        batch: streams side by side.
        owner: fingerprint of what the state belongs to.
        arrays: what its parts remember, each with the batch axis first.

    Raises:
        ValueError: `load` of a file that is damaged or holds something else.

    Example:
        >>> import tempfile
        >>> state = StreamState(7, 1, "abc", (np.zeros((1, 2, 3), "float32"),))
        >>> state.save(tempfile.mkdtemp() + "/state.npz")
    """

    samples: int
    batch: int
    owner: str
    arrays: tuple[Any, ...]

    def advanced(self, samples: int, arrays: list[Any]) -> Self:
        """The state after `samples` more."""
        return replace(self, samples=self.samples + samples, arrays=tuple(arrays))

    def save(self, path: Path | str) -> None:
        """Write the state as an `.npz` file."""
        arrays = {f"array_{number}": _to_numpy(array) for number, array in enumerate(self.arrays)}
        save_arrays(
            path,
            {"samples": np.array(self.samples), "batch": np.array(self.batch), "owner": np.array(self.owner), **arrays},
        )

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read a state; the stream that gets it checks that it is one of its own."""
        arrays = load_arrays(path)
        try:
            samples, batch, owner = (arrays.pop(name).item() for name in ("samples", "batch", "owner"))
            held = tuple(arrays.pop(f"array_{number}") for number in range(len(arrays)))
        except (KeyError, ValueError) as error:
            raise ValueError(f"Expected the state of a stream. Received: {str(path)!r} ({error}).") from error
        return cls(samples, batch, owner, held)


def _to_numpy(array: Any) -> np.ndarray:
    if isinstance(array, np.ndarray):
        return array
    from keras import ops  # only a stream on Keras has other arrays

    return ops.convert_to_numpy(array)
