"""Batches of training windows or images."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import ops

from kerashar.data.sampling import shuffled_order
from kerashar.features import Mixing


class ShuffledBatches(keras.utils.PyDataset):
    """Gives the samples in a new order each epoch; the order follows from seed and epoch alone.

    A run that resumes at some epoch therefore sees the batches that it would have seen. All batches have one size;
    the samples that don't fill one are left out of that epoch.

    Args:
        samples: windows `(n, time, channels)`, or images `(n, height, width, channels)` of any type.
        targets: `(n, classes)`.
        batch_size: samples in one step; fewer where there are fewer.
        seed: seed of the order, and of what mixes.
        mixing: augmentations that mix the samples and the targets of a batch.
        share: which part of each batch, counted from 0, of how many equal ones; for processes that share a batch.
    """

    def __init__(
        self,
        samples: np.ndarray,
        targets: np.ndarray,
        batch_size: int,
        seed: int,
        mixing: Sequence[Mixing] = (),
        share: tuple[int, int] = (0, 1),
    ) -> None:
        super().__init__()
        self.samples = samples
        self.targets = targets
        self.batch_size = min(batch_size, len(samples))
        self.seed = seed
        self.mixing = mixing
        self.share = share
        self.start_at(0)

    def __len__(self) -> int:
        return len(self.samples) // self.batch_size

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        samples, targets = self.samples[rows].astype("float32", copy=False), self.targets[rows]
        for number, mix in enumerate(self.mixing):
            mix.seed_generator.state.assign(self._state(index, number))
            samples, targets = map(ops.convert_to_numpy, mix((samples, targets), training=True))
        part, parts = self.share
        size = len(samples) // parts
        return samples[part * size : (part + 1) * size], targets[part * size : (part + 1) * size]

    def _state(self, index: int, number: int) -> np.ndarray:
        """State of a seed generator that follows from the batch alone, so that a resumed run mixes alike."""
        return np.random.SeedSequence([self.seed, self.epoch, index, number]).generate_state(2) % 2**31

    def on_epoch_end(self) -> None:
        self.start_at(self.epoch + 1)

    def start_at(self, epoch: int) -> None:
        """Take the order of an epoch, counted from 0."""
        self.epoch = epoch
        self.order = shuffled_order(len(self.samples), self.seed, self.epoch)
