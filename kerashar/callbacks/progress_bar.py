"""Progress of a training on the terminal."""

from typing import Any

import keras
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class ProgressBar(keras.callbacks.Callback):
    """Shows a bar that moves with each batch, and prints one line for each epoch.

    Args:
        epochs: epochs of the whole run.
        console: where to; a plain stream gets the lines alone.
    """

    def __init__(self, epochs: int, console: Console) -> None:
        super().__init__()
        self.epochs = epochs
        self.console = console
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self.task = self.bar.add_task("starting", total=None)

    def __enter__(self) -> "ProgressBar":
        self.bar.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.bar.stop()

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.epochs = self.params["epochs"]  # a stage of fine-tuning may have fewer

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.bar.reset(self.task, total=self.params["steps"], description=f"epoch {epoch + 1} of {self.epochs}")

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.bar.update(self.task, completed=batch + 1)

    def epoch_ended(self, epoch: int, figures: dict[str, float]) -> None:
        """Print the figures of a finished epoch; fits `train(on_epoch=...)`."""
        shares = {"accuracy": "val_accuracy", "macro F1": "val_macro_f1"}  # a run without labels has none
        parts = [
            f"loss {figures['loss']:.4f}",
            f"validation loss {figures['val_loss']:.4f}",
            *(f"{title} {figures[name]:.2%}" for title, name in shares.items() if name in figures),
            f"{figures['seconds']:.1f} s",
        ]
        self.console.print(f"epoch {epoch}/{self.epochs}: {', '.join(parts)}")
