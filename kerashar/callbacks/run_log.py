"""What the logs of a run have in common."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras


class RunLog(keras.callbacks.Callback):
    """Records a training epoch by epoch, the test figures when told, and how it ended.

    Use it as the base of such callbacks: give `start`, `log_epoch`, `log_figures` and `finish`. A log that is used in
    a `with` stays open for the test figures and learns of a training that fails; else it ends with the training.

    A training whose first epoch is not the first of the run, by `fit(initial_epoch=...)`, continues the log in
    the folder; another starts a new one.

    Args:
        folder: the run's.

    Example:
        >>> class Printed(RunLog):
        ...     def start(self, first_epoch): pass
        ...     def log_epoch(self, epoch, figures): print(epoch, sorted(figures))
        ...     def log_figures(self, figures): print(figures)
        ...     def finish(self, failed): print("failed" if failed else "done")
        >>> with Printed("run") as log:
        ...     log.on_epoch_begin(0)
        ...     log.on_epoch_end(0, {"loss": 1.0})
        ...     log.log_test({"accuracy": 0.5})
        1 ['loss', 'seconds']
        {'test_accuracy': 0.5}
        done
    """

    def __init__(self, folder: Path | str) -> None:
        super().__init__()
        self.folder = Path(folder)
        self._started = self._held = False

    def start(self, first_epoch: int | None) -> None:
        """Open the log; `first_epoch` counts from 1 and is None where only test figures of an old run come."""
        raise NotImplementedError

    def log_epoch(self, epoch: int, figures: dict[str, float]) -> None:
        """Record the figures of an epoch, counted from 1; one that is there already keeps its place."""
        raise NotImplementedError

    def log_figures(self, figures: dict[str, float]) -> None:
        """Record figures that belong to no epoch."""
        raise NotImplementedError

    def finish(self, failed: bool) -> None:
        """Close the log."""
        raise NotImplementedError

    def log_test(self, figures: Mapping[str, Any], look: int = 1) -> None:
        """Record figures of the test windows, such as `evaluate(model, split.test).to_json()`.

        Args:
            figures: by name; what is not a number is left out.
            look: 1 for the first look at the test windows. A later one goes under names of its own, such as
                `test_look_2_accuracy`.
        """
        prefix = "test" if look == 1 else f"test_look_{look}"
        alone = not self._started
        self._start(None)
        self.log_figures({f"{prefix}_{name}": value for name, value in _numbers(figures).items()})
        if alone and not self._held:
            self.close()

    def close(self, failed: bool = False) -> None:
        """End the log, if it has started."""
        if self._started:
            self._started = False
            self.finish(failed)

    def __enter__(self) -> "RunLog":
        self._held = True
        return self

    def __exit__(self, error: type[BaseException] | None, *_: Any) -> None:
        self._held = False
        self.close(failed=error is not None)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._start(epoch + 1)
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        figures = _numbers(logs or {})
        optimizer = getattr(self.model, "optimizer", None)
        if optimizer is not None:
            figures["learning_rate"] = float(keras.ops.convert_to_numpy(optimizer.learning_rate))
        self.log_epoch(epoch + 1, {**figures, "seconds": time.perf_counter() - self._began})

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if not self._held:
            self.close()

    def _start(self, first_epoch: int | None) -> None:
        if not self._started:
            self.start(first_epoch)
            self._started = True


def _numbers(figures: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in figures.items() if not isinstance(value, str | list | dict | None)}
