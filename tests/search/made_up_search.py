"""Run folders of searches that never ran: curves that follow from the settings, and workers that take turns."""

import heapq
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from kerashar.files import write_json
from kerashar.search import Choice, LogUniform, Uniform
from kerashar.search.domains import MODEL, drawn_with
from kerashar.search.history import COMPLETED, FAILED, STOPPED, Trials
from kerashar.search.rules import HyperBand, NoStopping, SuccessiveHalving
from kerashar.search.settings import SearchSettings, flat_values

EPOCHS = 27
ONE_MODEL = {
    "model": {"hidden": Choice((32, 64, 128)), "blocks": Choice((2, 3, 4)), "dropout": Uniform(0.0, 0.4)},
    "training": {
        "learning_rate": LogUniform(1e-4, 1e-1),
        "weight_decay": LogUniform(1e-4, 0.3),
        "optimizer": Choice(("adamw", "lion", "sgd")),
        "epochs": EPOCHS,
    },
}
TWO_MODELS = {
    "model": {"name": Choice(("modern_tcn", "tcn"))},
    "modern_tcn": {"hidden": Choice((32, 64, 128)), "kernel_size": Choice((31, 51))},
    "tcn": {"hidden": Choice((16, 32, 64)), "levels": Choice((4, 5, 6)), "activation": Choice(("relu", "gelu"))},
    "training": ONE_MODEL["training"],
}
NODES = {"gpu-a": 2, "gpu-b": 2}


def make_search(
    folder: Path,
    trials: int,
    space: dict[str, dict[str, Any]] | None = None,
    *,
    nodes: dict[str, int] | None = None,
    until: float = np.inf,
    broken_off: float | None = None,
    failing: float = 0.0,
    is_noted: bool = True,
    test: bool = True,
    **changes: Any,
) -> SearchSettings:
    """Write `search.json`, `journal.jsonl` and `test.json` of a search.

    Args:
        folder: run folder.
        trials: how many.
        space: domains; None takes those of one model.
        nodes: how many trials each trains at a time.
        until: seconds after which nothing has happened yet.
        broken_off: seconds after which it was, for an hour and a half.
        failing: share of the trials that fail, after an epoch.
        is_noted: whether the journal says who trained what, as it has not always done.
        test: whether the best model was tested.
        **changes: of the search's settings.
    """
    space = space or ONE_MODEL
    models = tuple(space["model"]["name"].options) if "name" in space["model"] else "modern_tcn"
    given: dict[str, Any] = {
        "model": models,
        "space": space,
        "trials": trials,
        "backends": ("torch",),
        "seed": 0,
        "grace_period": 3,
        "reduction_factor": 3,
        "data": {"name": "walks"},
        "fingerprint": "none",
    }
    settings = SearchSettings(**{**given, **changes})
    write_json(folder / "search.json", settings.to_json())
    lines = [line for line in _events(settings, nodes or NODES, failing, broken_off) if line["time"] <= until]
    if not is_noted:
        lines = [line for line in lines if line["event"] not in ("opened", "began")]
    texts = [json.dumps({**line, "time": round(1.8e9 + line["time"], 3)}) for line in lines]
    (folder / "journal.jsonl").write_text("".join(f"{zlib.crc32(text.encode()):08x} {text}\n" for text in texts))
    if test and np.isinf(until):
        write_json(folder / "test.json", {"looks": 1, "test": {"count": 640, "accuracy": 0.9312, "macro_f1": 0.9287}})
    return settings


def _events(
    settings: SearchSettings, nodes: dict[str, int], failing: float, broken_off: float | None
) -> list[dict[str, Any]]:
    random = np.random.default_rng(settings.seed)
    rungs = (settings.epochs, settings.grace_period, settings.reduction_factor)
    rules = {"asha": SuccessiveHalving, "hyperband": HyperBand}
    rule = rules[settings.scheduler](*rungs) if settings.scheduler in rules else NoStopping()
    told, events = Trials(), []

    def note(event: str, now: float, /, **details: Any) -> None:
        late = 5400.0 if broken_off is not None and now > broken_off else 0.0
        events.append({"event": event, "time": now + late, **details})
        told.take(events[-1])

    note("opened", 0.0)
    workers = [(node, 4000 + place) for node, places in nodes.items() for place in range(places)]
    due: list[tuple[float, int, str]] = []  # when which worker has the next news, of which trial
    for number in range(min(len(workers), settings.trials)):
        heapq.heappush(due, (1.0 + 0.3 * number, number, ""))
    begun, reopened = 0, False
    while due:
        now, number, name = heapq.heappop(due)
        if broken_off is not None and now > broken_off and not reopened:
            reopened = True
            note("opened", now)
            workers = [(node, process + 1000) for node, process in workers]
            for _, other, trial in [(now, number, name), *due]:
                if trial:
                    note("began", now, trial=trial, node=workers[other][0], worker=workers[other][1])
        if not name:
            if begun == settings.trials:
                continue
            begun += 1
            name = f"{begun:04}"
            note("suggested", now, trial=name, settings=_draw(settings, random))
            note("began", now + 0.1, trial=name, node=workers[number][0], worker=workers[number][1])
            if len(settings.objectives) > 1:
                note("measured", now + 0.5, trial=name, measures=_measures(told[name].settings, random))
            heapq.heappush(due, (now + 4.0 + _pace(told[name].settings, random), number, name))
            continue
        trial = told[name]
        if trial.reports and len(trial.reports) == 1 and random.uniform() < failing:
            error = "Traceback (most recent call last):\n  ...\nValueError: Expected finite weights. Received: NaN."
            note(FAILED, now, trial=name, error=error)
        else:
            note("report", now, trial=name, generation=0, epoch=trial.reached + 1, **_figures(trial, random))
            if rule.stops(trial):
                note(STOPPED, now, trial=name, epoch=trial.reached)
            elif trial.reached == settings.epochs:
                note(COMPLETED, now, trial=name, epoch=trial.reached)
        ended = trial.status != "running"
        pause = 0.5 if ended else _pace(trial.settings, random)
        heapq.heappush(due, (now + pause, number, "" if ended else name))
    return events


def _draw(settings: SearchSettings, random: np.random.Generator) -> dict[str, Any]:
    drawn: dict[str, Any] = {}
    for name, value in flat_values(settings).items():
        if not drawn_with(name, drawn):
            continue
        if isinstance(value, Choice):
            drawn[name] = value.options[random.integers(len(value.options))]
        elif isinstance(value, LogUniform):
            drawn[name] = float(np.exp(random.uniform(np.log(value.low), np.log(value.high))))
        elif isinstance(value, Uniform):
            drawn[name] = float(random.uniform(value.low, value.high))
        else:
            drawn[name] = value
    return drawn


def _hidden(settings: dict[str, Any]) -> int:
    return settings[f"{settings.get(MODEL, 'model')}.hidden"]


def _pace(settings: dict[str, Any], random: np.random.Generator) -> float:
    """Seconds of an epoch."""
    return float(5 + _hidden(settings) / 12 + random.uniform(0, 2))


def _figures(trial: Any, random: np.random.Generator) -> dict[str, float]:
    """Curves towards a height that hangs on learning rate and size, a little on the decay, and on nothing else."""
    settings = trial.settings
    rate = np.log10(settings["training.learning_rate"] / 4e-3)
    height = 0.95 - 0.09 * rate**2 - 0.05 * (settings["training.optimizer"] == "sgd")
    height -= 0.12 * (64 / _hidden(settings)) ** 0.5 / 4 + 0.01 * abs(
        np.log10(settings["training.weight_decay"] / 0.01)
    )
    height -= 0.03 * (settings.get(MODEL) == "tcn")
    score = height * (1 - 0.6 * np.exp(-0.25 * (trial.reached + 1))) + random.normal(0, 0.008)
    score = float(np.clip(score, 0.03, 0.99))
    return {"val_macro_f1": score, "val_loss": 1.2 - score, "val_accuracy": score + 0.005, "seconds": 6.0}


def _measures(settings: dict[str, Any], random: np.random.Generator) -> dict[str, float]:
    parameters = int(_hidden(settings) ** 2 * settings.get("model.blocks", 3) * 6 + 900)
    return {"parameters": parameters, "latency_ms": round(0.8 + parameters / 4e4 + float(random.uniform(0, 0.3)), 3)}
