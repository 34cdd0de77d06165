"""The activity in a stream of samples."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import Any

import numpy as np

from kerashar.inference import NumpyStream, RunningDecision
from kerashar.serving.served_model import ServedModel

HOP_SECONDS = 0.5  # from one window to the next, where a stream is cut into windows


class ActivityStream:
    """Follows one stream: takes its samples in chunks and says which activity it is.

    A causal model runs sample by sample, in constant time each; any other on a window every half second. Either way the
    decision is pooled over the last second.

    Args:
        model: the model; of windows.
        predict: gives logits of windows `(n, time, channels)`.
        thread: runs the steps of a causal model.
    """

    def __init__(
        self, model: ServedModel, predict: Callable[[np.ndarray], Awaitable[np.ndarray]], thread: Executor
    ) -> None:
        card = model.card
        if card.rate is None:
            raise ValueError("Expected a model of windows, for a stream of samples. Received: one of images.")
        self.rate, self.channels = card.rate, len(card.channels)
        self.samples = 0
        self._model, self._predict, self._thread = model, predict, thread
        self._time = card.sample_shape[0]
        self._stepper = model.stepper()
        if self._stepper is None:
            self.hop = max(1, min(self._time, round(HOP_SECONDS * self.rate)))
            self._waiting = np.zeros((0, self.channels), "float32")
        else:
            program = self._stepper.program
            self.hop = program.rates[program.output]
            self._state = self._stepper.initial_state()
        self._decision = RunningDecision(length=max(1, round(self.rate / self.hop)))
        self._pooled = self._decision.initial_state(len(card.class_names))
        self._shares: np.ndarray | None = None

    async def take(self, samples: np.ndarray) -> dict[str, Any]:
        """Take the next samples `(n, channels)`; gives the seconds so far, and the activity or None before the first.

        Raises:
            ValueError: another number of channels, or NaN or infinity; then nothing is taken.
        """
        if samples.ndim != 2 or samples.shape[1] != self.channels or not len(samples):
            raise ValueError(f"Expected samples (n, {self.channels}). Received: shape={samples.shape}.")
        if not np.isfinite(samples).all():
            raise ValueError("Expected finite samples. Received: NaN or infinity; these samples are left out.")
        if self._stepper is None:
            logits = await self._window_by_window(samples)
        else:
            logits = await self._step_by_step(self._stepper, samples)
        self.samples += len(samples)
        if len(logits):
            shares, self._pooled = self._decision.step(logits[None], self._pooled)
            self._shares = shares[0, -1:]
        seconds = self.samples / self.rate
        if self._shares is None:
            return {"seconds": seconds, "label": None, "confidence": None}
        count = len(self._model.card.class_names)
        return {"seconds": seconds, **self._model.answers(np.log(self._shares + 1e-12), count)[0]}

    async def _step_by_step(self, stepper: NumpyStream, samples: np.ndarray) -> np.ndarray:
        run = asyncio.get_running_loop().run_in_executor
        logits, self._state = await run(self._thread, stepper.step, samples[None], self._state)
        return logits[0]

    async def _window_by_window(self, samples: np.ndarray) -> np.ndarray:
        waiting = np.concatenate([self._waiting, samples])
        count = max(0, (len(waiting) - self._time) // self.hop + 1)
        self._waiting = waiting[count * self.hop :]
        if not count:
            return np.zeros((0, len(self._model.card.class_names)))
        windows = np.lib.stride_tricks.sliding_window_view(waiting, self._time, axis=0)[:: self.hop][:count]
        windows = windows.swapaxes(1, 2)  # (count, time, channels)
        parts = range(0, count, self._model.batch)
        return np.concatenate([await self._predict(windows[start : start + self._model.batch]) for start in parts])
