"""Decisions over time from the logits of a stream."""

from typing import Any, Literal, get_args

import numpy as np
from scipy.special import softmax

from kerashar.inference.stream_state import StreamState
from kerashar.names import unknown_name

Kind = Literal["exponential", "windowed"]


class RunningDecision:
    """Pools class probabilities over time, so that a decision does not flicker from sample to sample.

    Use it behind a stream: `probabilities.argmax(axis=-1)` is the decision at each step. It needs NumPy alone and takes
    the logits of any runtime.

    Args:
        kind: `"exponential"`, a mean whose weights fall by `1 - 1 / length` with each step back, or `"windowed"`, the
            mean of the last `length` steps. Both are means of what has come from the first step on: their weights sum
            to 1. Defaults to `"exponential"`.
        length: steps. Defaults to 50, a second at 50 Hz.

    Raises:
        ValueError: an unknown kind, a length below 1, logits of another shape, or a foreign state.

    Example:
        >>> decision = RunningDecision("windowed", length=2)
        >>> logits = np.log([[[0.9, 0.1], [0.5, 0.5], [0.1, 0.9]]])
        >>> probabilities, state = decision.step(logits, decision.initial_state(classes=2))
        >>> probabilities[0, :, 0].astype(float).round(2).tolist()
        [0.9, 0.7, 0.3]
    """

    def __init__(self, kind: Kind = "exponential", length: int = 50) -> None:
        if kind not in get_args(Kind):
            raise unknown_name("kind of running decision", kind, get_args(Kind))
        if not isinstance(length, int) or isinstance(length, bool) or length < 1:
            raise ValueError(f"Expected length to be a whole number of at least 1. Received: length={length!r}.")
        self.kind: Kind = kind
        self.length = length

    def initial_state(self, classes: int, batch: int = 1) -> StreamState:
        """The state of `batch` streams of which no step has come."""
        rows = 1 if self.kind == "exponential" else self.length - 1
        return StreamState(0, batch, self._owner, (np.zeros((batch, rows, classes)),))

    def step(self, logits: Any, state: StreamState) -> tuple[np.ndarray, StreamState]:
        """Take the logits `(batch, steps, classes)` of the next steps, any number of them.

        Returns:
            The pooled probabilities `(batch, steps, classes)` at each, and the state after them.
        """
        logits = np.asarray(logits, "float64")
        (memory,) = state.arrays if state.owner == self._owner else (None,)
        if memory is None:
            raise ValueError(f"Expected a state of {self._owner}. Received: a state of {state.owner!r}.")
        if logits.ndim != 3 or (logits.shape[0], logits.shape[2]) != (memory.shape[0], memory.shape[2]):
            raise ValueError(
                f"Expected logits ({memory.shape[0]}, steps, {memory.shape[2]}). Received: shape={logits.shape}."
            )
        steps = logits.shape[1]
        if not steps:
            return logits.astype("float32"), state
        counts = state.samples + np.arange(1, steps + 1)[:, None]
        pooled, memory = (self._faded if self.kind == "exponential" else self._slid)(
            softmax(logits, -1), memory, counts
        )
        return pooled.astype("float32"), state.advanced(steps, [memory])

    @property
    def _owner(self) -> str:
        return f"RunningDecision({self.kind!r}, {self.length})"

    def _faded(self, probabilities: np.ndarray, mean: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        kept = 1 - 1 / self.length
        means = np.empty_like(probabilities)
        for step in range(probabilities.shape[1]):
            mean = kept * mean + (1 - kept) * probabilities[:, step : step + 1]
            means[:, step : step + 1] = mean
        return means / (1 - kept**counts), mean  # the weights of what came before the first step are zero

    def _slid(self, probabilities: np.ndarray, past: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        window = np.concatenate([past, probabilities], axis=1)
        sums = np.lib.stride_tricks.sliding_window_view(window, self.length, axis=1).sum(axis=-1)
        return sums / np.minimum(counts, self.length), window[:, probabilities.shape[1] :]
