"""Batches of windows or images, shuffled, prepared ahead of time, and resumable at any batch."""

import sys
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np

from kerashar.data.batch_sources import BatchSource, as_batch_source
from kerashar.data.images.image_set import ImageSet
from kerashar.data.sampling import balanced_order, shuffled_order
from kerashar.data.window_set import WindowSet

Sampling = Literal["shuffled", "balanced", "in order"]


class InputPipeline:
    """Batches of windows or images, shuffled, prepared ahead of time, and resumable at any batch.

    Use it to feed `model.fit` on any backend, from memory, memory-mapped arrays, image files or a TFDS data set.
    The order follows from seed and epoch alone, whatever the number of threads. Looping over it gives the rest of
    an epoch, and the next loop the next one; `endless()` goes on for ever. All batches have one size unless
    `drop_last` is off; with it, the samples that don't fill a batch are left out of that epoch.

    Args:
        data: windows, images, or another source (see `kerashar.data.batch_sources`).
        batch_size: samples in a batch; fewer where there are fewer samples.
        seed: of the order, from 0.
        sampling: "shuffled", "balanced" (each class equally often), or "in order" for evaluation.
        drop_last: leave out the last batch of an epoch where it isn't full.
        threads: how many prepare batches at once. One is enough for arrays.
        processes: how many worker processes prepare batches instead of threads, such as one for each core to decode
            small images, where Python's lock leaves threads little to gain. They start anew, so a script that uses
            them keeps its work behind `if __name__ == "__main__":`.
        ahead: how many batches are prepared before they are asked for.

    Raises:
        ValueError: an argument is out of range, or balanced sampling is asked of a source without labels.

    Example:
        >>> from kerashar.data import load_windows
        >>> pipeline = InputPipeline(load_windows("watch"), batch_size=64, seed=1)
        >>> windows, labels = next(iter(pipeline))
        >>> windows.shape, pipeline.state()
        ((64, 128, 6), {'seed': 1, ..., 'epoch': 0, 'batch': 1})
        >>> model.fit(pipeline.endless(), steps_per_epoch=len(pipeline), epochs=10, shuffle=False)  # doctest: +SKIP
        >>> model.evaluate(iter(pipeline), steps=len(pipeline))  # doctest: +SKIP
    """

    def __init__(
        self,
        data: WindowSet | ImageSet | BatchSource,
        batch_size: int,
        *,
        seed: int = 0,
        sampling: Sampling = "shuffled",
        drop_last: bool = True,
        threads: int = 1,
        processes: int = 0,
        ahead: int = 4,
    ) -> None:
        source = as_batch_source(data)
        if processes < 0:
            raise ValueError(f"Expected processes of 0 or more. Received: processes={processes}.")
        for name, value in (("batch_size", batch_size), ("threads", threads), ("ahead", ahead)):
            if value < 1:
                raise ValueError(f"Expected {name} of 1 or more. Received: {name}={value}.")
        if not len(source):
            raise ValueError("Expected samples to make batches of. Received: none.")
        if sampling not in ("shuffled", "balanced", "in order"):
            raise ValueError(f"Expected sampling 'shuffled', 'balanced' or 'in order'. Received: {sampling!r}.")
        if sampling == "balanced" and source.labels is None:
            raise ValueError("Expected labels for balanced sampling. Received: a source without.")
        if seed < 0:
            raise ValueError(f"Expected a seed of 0 or more. Received: seed={seed}.")
        self.source = source
        self.seed = seed
        self.sampling = sampling
        self.drop_last = drop_last
        self.threads = threads
        self.processes = processes
        self.ahead = ahead
        self._batch = _NumberedBatches(source, batch_size, seed, sampling, drop_last)
        self.batch_size = self._batch.batch_size
        self._batches = self._batch.in_epoch
        self._given = 0  # batches, over all epochs
        self._iterator: Any = None

    def __len__(self) -> int:
        """Batches of an epoch."""
        return self._batches

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The batches that are left of this epoch."""
        epoch = self._given // self._batches
        while self._given // self._batches == epoch:
            yield self._next()

    def endless(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Batch after batch and epoch after epoch: a generator, as `model.fit` takes it with `steps_per_epoch`."""
        while True:
            yield self._next()

    def state(self, given: int | None = None) -> dict[str, Any]:
        """Where the pipeline stands, as plain values for JSON.

        Args:
            given: batches since the very first; None takes those that were handed out. `model.fit` takes some
                batches before it trains on them (at least the first two), so there give the steps it has done.
        """
        epoch, batch = divmod(self._given if given is None else given, self._batches)
        return {**self._make(), "epoch": epoch, "batch": batch}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state: the batches that follow are those that would have followed then.

        Raises:
            ValueError: the state is of another pipeline or damaged; the message names what differs.
        """
        for name, value in self._make().items():
            if state.get(name) != value:
                raise ValueError(
                    f"Expected a state of a pipeline with {name}={value!r}. Received: {name}={state.get(name)!r}."
                )
        epoch, batch = state.get("epoch"), state.get("batch")
        if not isinstance(epoch, int) or not isinstance(batch, int) or epoch < 0 or not 0 <= batch < self._batches:
            raise ValueError(
                f"Expected an epoch from 0 and a batch from 0 to {self._batches - 1}. "
                f"Received: epoch={epoch!r}, batch={batch!r}."
            )
        self.close()
        self._given = epoch * self._batches + batch

    def close(self) -> None:
        """End the threads or processes; the pipeline starts them again if it is used."""
        if self._iterator is not None:
            self._iterator.close()
            self._iterator = None

    def _make(self) -> dict[str, Any]:
        return {
            "seed": self.seed,
            "sampling": self.sampling,
            "batch_size": self.batch_size,
            "drop_last": self.drop_last,
            "samples": len(self.source),
        }

    def _next(self) -> tuple[np.ndarray, np.ndarray]:
        if self._iterator is None:
            self._iterator = self._start()
        batch = next(self._iterator)
        self._given += 1
        return batch

    def _start(self) -> Any:
        import grain

        # Grain's elements are whole batches: gathered at once, they cost a tenth of single samples put together.
        options = grain.ReadOptions(num_threads=self.threads, prefetch_buffer_size=self.ahead)
        numbers = grain.MapDataset.range(self._given, sys.maxsize)
        batches = numbers.map(self._batch).to_iter_dataset(options)
        if self.processes:
            from absl import flags

            if (
                not flags.FLAGS.is_parsed()
            ):  # Grain reads one of absl's flags here, which a script outside absl never parses
                flags.FLAGS.mark_as_parsed()
            buffer = -(-self.ahead // self.processes)
            batches = batches.mp_prefetch(grain.MultiprocessingOptions(self.processes, buffer))
        return iter(batches)


class _NumberedBatches:
    """The batch of a number, counted over all epochs: what threads and processes call."""

    def __init__(self, source: BatchSource, batch_size: int, seed: int, sampling: Sampling, drop_last: bool) -> None:
        self.source = source
        self.seed = seed
        self.sampling = sampling
        self._known_order: tuple[int, np.ndarray] = (0, self._order(0))
        samples = len(self._known_order[1])
        self.batch_size = min(batch_size, samples)
        self.in_epoch = samples // self.batch_size if drop_last else -(-samples // self.batch_size)

    def __call__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        epoch, batch = divmod(int(number), self.in_epoch)
        known = self._known_order
        if known[0] != epoch:  # threads may both find it, which costs time once and changes nothing
            known = self._known_order = (epoch, self._order(epoch))
        rows = known[1][batch * self.batch_size : (batch + 1) * self.batch_size]
        return self.source.batch(rows)

    def _order(self, epoch: int) -> np.ndarray:
        if self.sampling == "balanced":
            return balanced_order(self.source.labels, self.seed, epoch)  # pyright: ignore[reportArgumentType]
        if self.sampling == "shuffled":
            return shuffled_order(len(self.source), self.seed, epoch)
        return np.arange(len(self.source))
