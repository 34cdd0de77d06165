"""The queue ahead of the model."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

import numpy as np

from kerashar.serving.metrics import Metrics
from kerashar.serving.refused import busy


class Batcher:
    """A bounded queue, and the one thread that runs the model on what waits in it.

    Whenever the model is free it takes what waits, up to a batch: a single window is not held back, and many come
    together by themselves. What was taken in is answered, also while the queue is closing.

    Args:
        run: the model, from samples `(n, ...)` to logits; n is at most `batch`.
        batch: most samples in one call.
        queue: most samples that may wait or run.
        metrics: where samples and calls are counted.

    Raises:
        RefusedError: `submit` to a queue that is full or closing.

    Example:
        >>> batcher = Batcher(lambda samples: samples + 1, batch=2, queue=8, metrics=Metrics())
        >>> batcher.start()
        >>> batcher.submit(np.zeros((3, 1))).result().ravel().tolist()
        [1.0, 1.0, 1.0]
        >>> batcher.close()
    """

    def __init__(self, run: Callable[[np.ndarray], np.ndarray], batch: int, queue: int, metrics: Metrics) -> None:
        self.queue = queue
        self.held = 0  # samples that wait or run
        self._run, self._batch, self._metrics = run, batch, metrics
        self._jobs: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="model", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    @property
    def full(self) -> bool:
        """Whether nothing more can be taken in."""
        return self._closing or self.held >= self.queue

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def submit(self, samples: np.ndarray) -> "Future[np.ndarray]":
        """Take in samples, whose logits the future will have; at once, or not at all."""
        job = _Job(samples)
        with self._changed:
            if self._closing:
                raise busy("Expected a server that runs. Received: a request while it stops.")
            if self.held + len(samples) > self.queue:
                room = self.queue - self.held
                raise busy(f"Expected at most {room} samples, for which there is room. Received: {len(samples)}.")
            self.held += len(samples)
            self._jobs.append(job)
            self._changed.notify()
        return job.future

    def close(self) -> None:
        """Refuse what comes, answer what was taken in, and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        while taken := self._take():
            try:
                logits = self._run(np.concatenate([job.samples[rows] for job, rows in taken]))
            except Exception as error:  # noqa: BLE001 - who asked gets it, and the thread lives on
                for job, _ in taken:
                    self._end(job, error)
                continue
            self._metrics.batches += 1
            self._metrics.windows += len(logits)
            for job, rows in taken:
                mine, logits = np.split(logits, [rows.stop - rows.start])
                job.logits.append(mine)
                if rows.stop == len(job.samples):
                    self._end(job)

    def _take(self) -> "list[tuple[_Job, slice]]":
        """Rows of the next jobs, up to a batch; none when all is done and the queue is closing."""
        with self._changed:
            while not self._jobs and not self._closing:
                self._changed.wait()
            taken, room = [], self._batch
            while self._jobs and room:
                job = self._jobs[0]
                if not job.taken and not job.future.set_running_or_notify_cancel():  # nobody waits for it any more
                    self._jobs.popleft()
                    self.held -= len(job.samples)
                    continue
                rows = slice(job.taken, min(job.taken + room, len(job.samples)))
                taken.append((job, rows))
                room -= rows.stop - rows.start
                job.taken = rows.stop
                if job.taken == len(job.samples):
                    self._jobs.popleft()
            return taken

    def _end(self, job: "_Job", error: Exception | None = None) -> None:
        with self._changed:
            self.held -= len(job.samples)
            if job in self._jobs:  # the rest of one that failed
                self._jobs.remove(job)
        if error is None:
            job.future.set_result(np.concatenate(job.logits))
        else:
            job.future.set_exception(error)


class _Job:
    """Samples of one request, and what became of them."""

    def __init__(self, samples: np.ndarray) -> None:
        self.samples = samples
        self.future: Future[np.ndarray] = Future()
        self.taken = 0
        self.logits: list[np.ndarray] = []
