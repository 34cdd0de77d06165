"""Models along a training, to be put into one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from kerashar.callbacks.averaged_weights import averaged_weights
from kerashar.models import save_model


class Snapshots(keras.callbacks.Callback):
    """Keeps the model after every so many epochs, as `snapshot-010.keras` and so on in the run's folder.

    Use it with a schedule that comes to rest again and again, `cosine_restarts`, one snapshot at the end of each cycle:
    an `Ensemble` of them costs no more training than one model. `train(..., snapshots_every=10)` brings it along.

    Args:
        folder: of the run.
        every: epochs.
        finished: gives the model as it is saved.

    Raises:
        ValueError: `every` isn't a whole number of at least 1.

    Reference:
        Huang et al., "Snapshot Ensembles: Train 1, Get M for Free", ICLR 2017.
    """

    def __init__(self, folder: Path | str, every: int, finished: Callable[[], keras.Model]) -> None:
        super().__init__()
        if not isinstance(every, int) or every < 1:
            raise ValueError(f"Expected every to be a whole number of epochs. Received: every={every!r}.")
        self.folder, self.every, self.finished = Path(folder), every, finished

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if (epoch + 1) % self.every == 0:
            with averaged_weights(self.model):
                save_model(self.finished(), self.folder / f"snapshot-{epoch + 1:03}.keras")
