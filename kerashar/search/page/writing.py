"""Making the page of a search."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kerashar.pages import write_page
from kerashar.pages.drawing import WIDE
from kerashar.search.engine import make_rule
from kerashar.search.history import FAILED, RUNNING, STOPPED, TrialRecord
from kerashar.search.objectives import pareto_front
from kerashar.search.page import pictures
from kerashar.search.page.importance import setting_importance
from kerashar.search.page.parallel import parallel_picture, width_of
from kerashar.search.page.search_record import SearchRecord
from kerashar.search.page.stretches import find_stretches, place_stretches
from kerashar.search.page.timeline import busy_share, timeline_picture
from kerashar.search.page.varying_setting import VaryingSetting, varying_settings
from kerashar.search.settings import flat_values

SHOWN = 20  # trials of the leaderboard
FAILURES = 50
RELOAD = 10  # seconds


def write_search_page(folder: Path | str, path: Path | str | None = None) -> Path:
    """Write what a search has found, and how it went, into one HTML file, which needs no other file and no network.

    Use it while the search runs, from another terminal, or after it: best score over time, learning curves, rungs,
    leaderboard, settings against the score and how much each matters, front of several objectives, workers, failures.
    It reads the run folder alone and needs neither Ray nor Keras.

    Args:
        folder: run folder of the search.
        path: the file to write; None writes `search.html` in the run folder, as the search itself does.

    Returns:
        The file.

    Raises:
        ValueError: no search in the folder.
        OSError: the file can't be written.

    Example:
        >>> write_search_page("runs/search-tcn-hapt-1")  # doctest: +SKIP
    """
    record = SearchRecord.read(folder)
    path = Path(folder) / "search.html" if path is None else Path(path)
    write_page(path, "kerashar.search.page", "search.html", _content(record))
    return path


def _content(record: SearchRecord) -> dict[str, Any]:
    ranked = record.ranked
    settings = varying_settings(ranked, flat_values(record.settings))
    return {
        "title": _models(record) + (f" on {name}" if (name := _data(record)) else ""),
        "state": _state(record),
        "reload": RELOAD if record.is_running and not record.is_finished else None,
        "cards": _cards(record),
        "facts": _facts(record),
        "trials": len(record.trials),
        "has_scores": bool(ranked),
        "progress": pictures.progress_picture(record) if any(each.score is not None for each in record.ended) else None,
        **_curves(record),
        "leaderboard": [_row(trial, settings) for trial in ranked[:SHOWN]],
        "settings": settings,
        "same": _same(record.trials.values()),
        "parallel": parallel_picture(settings, ranked) if len(settings) > 1 and len(ranked) > 1 else None,
        "parallel_width": width_of(settings),
        "is_partial": any(setting.is_partial for setting in settings),
        "importance": _importance(ranked, settings),
        "each_setting": [pictures.setting_picture(setting, ranked) for setting in settings],
        **_front(record, settings),
        **_workers(record),
        "failures": _failures(record),
    }


# === Head ===


def _models(record: SearchRecord) -> str:
    model = record.settings.model
    return model if isinstance(model, str) else ", ".join(model)


def _data(record: SearchRecord) -> str:
    name = str((record.settings.data or {}).get("name", ""))
    return Path(name).name if name else ""


def _state(record: SearchRecord) -> str:
    if record.is_finished:
        return "Finished."
    if record.is_running:
        return f"Running. This page reloads itself every {RELOAD} seconds."
    return f"Not finished: kerashar search --resume {record.folder} goes on with it."


def _cards(record: SearchRecord) -> list[dict[str, str]]:
    best = next(iter(record.ranked), None)
    counts = {kind: sum(each.status == kind for each in record.trials.values()) for kind in (STOPPED, FAILED, RUNNING)}
    ended = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    pauses = len(record.pauses)
    cards = [
        ("Best macro F1", _percent(best.score), f"trial {best.trial}, epoch {best.best['epoch']}")
        if best and best.best
        else ("Best macro F1", "none yet", ""),
        ("Trials ended", f"{len(record.ended):,} of {record.settings.trials:,}", ended),
        (
            "Time of running",
            pictures.duration(record.seconds),
            f"{pauses} pause{'s' * (pauses > 1)} left out" if pauses else "",
        ),
    ]
    if record.test:
        test = record.test["test"]
        note = f"accuracy {_percent(test['accuracy'])}, {test['count']:,} samples"
        cards.append(("Macro F1 on the test", _percent(test["macro_f1"]), note))
    return [dict(zip(("title", "value", "note"), card, strict=True)) for card in cards]


def _facts(record: SearchRecord) -> list[tuple[str, str]]:
    settings = record.settings
    began = datetime.fromtimestamp(record.began, UTC).strftime("%Y-%m-%d %H:%M UTC") if record.began else "not yet"
    rungs = ", ".join(str(rung.epoch) for rung in make_rule(settings).rungs_so_far())
    return [
        ("Models" if not isinstance(settings.model, str) else "Model", _models(record)),
        ("Data", str((settings.data or {}).get("name", "given from Python"))),
        ("Searcher", settings.searcher),
        ("Scheduler", settings.scheduler + (f", with rungs at epochs {rungs}" if rungs else "")),
        ("Objectives", ", ".join(settings.objectives)),
        ("Backends", ", ".join(settings.backends)),
        ("Epochs of a trial", str(settings.epochs)),
        ("Seed", str(settings.seed)),
        ("Began", began),
    ]


# === Sections ===


def _curves(record: SearchRecord) -> dict[str, Any]:
    rungs = record.rungs()
    drawn = any(trial.reports for trial in record.trials.values())
    return {
        "rungs": rungs,
        "epochs": record.settings.epochs,
        "curves": pictures.curves_picture(record, rungs) if drawn else None,
    }


def _row(trial: TrialRecord, settings: Sequence[VaryingSetting]) -> dict[str, Any]:
    best = trial.best or {}
    return {
        "trial": trial.trial,
        "status": trial.status,
        "score": trial.score,
        "accuracy": best.get("val_accuracy"),
        "loss": best.get("val_loss"),
        "best_epoch": best.get("epoch"),
        "epochs": len(trial.reports),
        "measures": trial.measures,
        "settings": [setting.value(trial) for setting in settings],
    }


def _same(trials: Iterable[TrialRecord]) -> list[tuple[str, str]]:
    """Settings that all trials have alike, as far as they have them."""
    values: dict[str, set[str]] = {}
    for trial in trials:
        for name, value in trial.settings.items():
            values.setdefault(name, set()).add(str(value))
    return sorted((name, min(different)) for name, different in values.items() if len(different) == 1)


def _importance(ranked: Sequence[TrialRecord], settings: Sequence[VaryingSetting]) -> dict[str, Any]:
    found = setting_importance(ranked, settings)
    labels = {setting.name: setting.label for setting in settings}
    most = max([*found.points.values(), 1e-9])
    rows = [
        {"label": labels[name], "points": f"{points:.2f}".replace("-0.00", "0.00"), "share": max(0.0, points) / most}
        for name, points in found.points.items()
    ]
    return {"rows": rows, "found": found}


def _front(record: SearchRecord, settings: Sequence[VaryingSetting]) -> dict[str, Any]:
    wanted = record.settings.objectives[1:]
    front = pareto_front(record.ranked, record.settings.objectives) if wanted else []
    return {
        "objectives": wanted,
        "front": [_row(trial, settings) for trial in front],
        "fronts": [pictures.front_picture(record, name, front) for name in wanted] if front else [],
    }


def _workers(record: SearchRecord) -> dict[str, Any]:
    stretches = find_stretches(record)
    if not stretches or not record.seconds:
        return {"workers": None}
    rows = place_stretches(stretches)
    return {
        "workers": timeline_picture(record, stretches, rows),
        "workers_width": WIDE,
        "unknown": any(each.worker is None for each in stretches),
        "busy": busy_share(record, stretches, len(rows)),
        "pauses": len(record.pauses),
    }


def _failures(record: SearchRecord) -> dict[str, Any]:
    failed = [trial for trial in record.trials.values() if trial.status == FAILED]
    rows = [
        {
            "trial": trial.trial,
            "epochs": trial.reached,
            "error": ((trial.error or "").strip().splitlines() or ["no reason known"])[-1],
        }
        for trial in failed[:FAILURES]
    ]
    return {"rows": rows, "count": len(failed)}


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{100 * share:.2f} %"
