"""Batches of training windows."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import ops

from kerashar.data.sampling import shuffled_order
from kerashar.features import Mixing


class ShuffledBatches(keras.utils.PyDataset):
    """Gives the windows in a new order each epoch; the order follows from seed and epoch alone.

    A run that resumes at some epoch therefore sees the batches that it would have seen. All batches have one size;
    the windows that don't fill one are left out of that epoch.

    Args:
        windows: `(n, time, channels)`.
        targets: `(n, classes)`.
        batch_size: windows in one step; fewer where there are fewer windows.
        seed: seed of the order, and of what mixes.
        mixing: augmentations that mix the windows and the targets of a batch.
        share: which part of each batch, counted from 0, of how many equal ones; for processes that share a batch.
    """

    def __init__(
        self,
        windows: np.ndarray,
        targets: np.ndarray,
        batch_size: int,
        seed: int,
        mixing: Sequence[Mixing] = (),
        share: tuple[int, int] = (0, 1),
    ) -> None:
        super().__init__()
        self.windows = windows
        self.targets = targets
        self.batch_size = min(batch_size, len(windows))
        self.seed = seed
        self.mixing = mixing
        self.share = share
        self.start_at(0)

    def __len__(self) -> int:
        return len(self.windows) // self.batch_size

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        windows, targets = self.windows[rows], self.targets[rows]
        for number, mix in enumerate(self.mixing):
            mix.seed_generator.state.assign(self._state(index, number))
            windows, targets = map(ops.convert_to_numpy, mix((windows, targets), training=True))
        part, parts = self.share
        size = len(windows) // parts
        return windows[part * size : (part + 1) * size], targets[part * size : (part + 1) * size]

    def _state(self, index: int, number: int) -> np.ndarray:
        """State of a seed generator that follows from the batch alone, so that a resumed run mixes alike."""
        return np.random.SeedSequence([self.seed, self.epoch, index, number]).generate_state(2) % 2**31

    def on_epoch_end(self) -> None:
        self.start_at(self.epoch + 1)

    def start_at(self, epoch: int) -> None:
        """Take the order of an epoch, counted from 0."""
        self.epoch = epoch
        self.order = shuffled_order(len(self.windows), self.seed, self.epoch)
