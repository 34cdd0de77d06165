"""A search for TensorBoard's HParams."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseDict
from ray.tune import Callback
from tensorboardX import RecordWriter

from kerashar.files import write_atomically
from kerashar.search.domains import Choice, Uniform
from kerashar.search.history import FAILED, RUNNING, History, TrialRecord
from kerashar.search.settings import SearchSettings, flat_values

FILE = "events.out.tfevents.search"  # TensorBoard looks for the word in the middle
FIGURES = {"score": "val_macro_f1", "val_loss": "val_loss", "val_accuracy": "val_accuracy"}  # of the best epoch
NO_CURVES = ("event", "time", "trial", "generation", "epoch")  # what else a report holds
TEXT, FLAG, NUMBER = "DATA_TYPE_STRING", "DATA_TYPE_BOOL", "DATA_TYPE_FLOAT64"
_Event: Any = import_module("tensorboardX.proto.event_pb2").Event
_PluginData: Any = import_module("tensorboardX.proto.plugin_hparams_pb2").HParamsPluginData


class HParamsLog(Callback):
    """Writes each trial that ends for TensorBoard: its settings, what it reached, and its learning curves.

    Use it to compare trials in HParams and Scalars: `tensorboard --logdir RUN/tensorboard`. All comes from
    the journal, and each trial has one file, which is there as a whole or not at all: a search that goes on writes what
    is missing, and nothing twice. What a trial reached has tags of its own beside the curves, such as `trial/score`; a
    failed trial reached nothing.

    Args:
        history: of the search.
        settings: of the search.
    """

    def __init__(self, history: History, settings: SearchSettings) -> None:
        self.history = history
        self.run = history.journal.path.parent
        self.kinds = {name: _kind(_options(value)) for name, value in flat_values(settings).items()}
        self.reached = [*FIGURES, "epochs", *settings.objectives[1:]]

    def __getstate__(self) -> dict[str, Any]:
        return {}  # Ray pickles its callbacks at the start; ours are never read back

    def on_trial_complete(self, iteration: int, trials: list, trial: Any, **_: Any) -> None:
        self.take(self.history.trials[trial.trial_id])

    def on_trial_error(self, iteration: int, trials: list, trial: Any, **_: Any) -> None:
        self.take(self.history.trials[trial.trial_id])

    def catch_up(self) -> None:
        """Write what the journal holds and the folder lacks."""
        self._write("", self._experiment)
        for trial in self.history.trials.values():
            self.take(trial)

    def take(self, trial: TrialRecord) -> None:
        """Write a trial, if it has ended and is not there yet."""
        if trial.status != RUNNING:
            self._write(trial.trial, lambda: self._session(trial))

    def _experiment(self) -> Iterator[Any]:
        """What columns there are. Domains stay out: TensorBoard would hide the trials that lie outside."""
        settings = [{"name": name, "type": kind} for name, kind in self.kinds.items()]
        reached = [{"name": {"tag": f"trial/{name}"}, "display_name": name} for name in self.reached]
        yield _hparams("experiment", {"hparam_infos": settings, "metric_infos": reached})

    def _session(self, trial: TrialRecord) -> Iterator[Any]:
        times = [report["time"] for report in trial.reports] or [0.0]
        settings = {name: self._setting(name, value) for name, value in trial.settings.items()}
        start = {"hparams": settings, "group_name": trial.trial, "start_time_secs": times[0]}
        yield _hparams("session_start_info", start, times[0])
        for report in trial.reports:
            for name, value in report.items():
                if name not in NO_CURVES and isinstance(value, int | float):
                    yield _scalar(name, value, report["epoch"], report["time"])
        if trial.best is not None and trial.status != FAILED:
            figures = {name: trial.best.get(figure) for name, figure in FIGURES.items()}
            for name, value in {**figures, "epochs": len(trial.reports), **trial.measures}.items():
                if value is not None:
                    yield _scalar(f"trial/{name}", value, trial.best["epoch"], times[-1])
        status = "STATUS_FAILURE" if trial.status == FAILED else "STATUS_SUCCESS"
        yield _hparams("session_end_info", {"status": status, "end_time_secs": times[-1]}, times[-1])

    def _setting(self, name: str, value: Any) -> Any:
        # A trial that ran out of memory may have settings that the space doesn't.
        kind = self.kinds.get(name) or _kind((value,))
        return json.dumps(value) if kind == TEXT and not isinstance(value, str) else value

    def _write(self, run: str, events: Callable[[], Iterator[Any]]) -> None:
        path = self.run / "tensorboard" / run / FILE
        if path.exists():
            return
        part = self.run / "tensorboard.part"  # where TensorBoard doesn't look
        write_atomically(part, lambda temporary: _write_events(temporary, events()))
        path.parent.mkdir(parents=True, exist_ok=True)
        os.replace(part, path)


def _write_events(path: Path, events: Iterator[Any]) -> None:
    writer = RecordWriter(str(path))
    writer.write(_Event(file_version="brain.Event:2").SerializeToString())
    for event in events:
        writer.write(event.SerializeToString())
    writer.close()


def _hparams(kind: str, data: dict[str, Any], time: float = 0.0) -> Any:
    content = ParseDict({kind: data}, _PluginData()).SerializeToString()
    plugin = {"plugin_name": "hparams", "content": content}
    value = {"tag": f"_hparams_/{kind}", "metadata": {"plugin_data": plugin}}
    return _Event(wall_time=time, summary={"value": [value]})


def _scalar(tag: str, value: float, step: int, time: float) -> Any:
    return _Event(wall_time=time, step=step, summary={"value": [{"tag": tag, "simple_value": value}]})


def _options(value: Any) -> Sequence[Any]:
    """Values that show what kind a setting is of."""
    if isinstance(value, Choice):
        return value.options
    return (value.low,) if isinstance(value, Uniform) else (value,)


def _kind(options: Sequence[Any]) -> str:
    if all(isinstance(option, bool) for option in options):
        return FLAG
    numbers = all(isinstance(option, int | float) and not isinstance(option, bool) for option in options)
    return NUMBER if numbers else TEXT
