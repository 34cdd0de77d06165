"""What a search writes for TensorBoard, read back by TensorBoard's own HParams plugin."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typer.testing import CliRunner

from kerashar.cli.main import app
from kerashar.search import Choice, LogUniform
from kerashar.search.engine import Resources
from kerashar.search.history import History
from kerashar.search.hparams_log import HParamsLog
from kerashar.search.journal import Journal
from kerashar.search.settings import SearchSettings
from tests.search.stand_in import run_stand_in, settings

pytestmark = pytest.mark.once

TWO_MODELS: dict[str, dict[str, Any]] = {
    "model": {"name": Choice(("tcn", "resnet1d"))},
    "tcn": {"kernels": Choice(((3, 5), (7, 9))), "hidden": 16},
    "resnet1d": {"attention": Choice((False, True)), "limit": Choice((None, 6.0))},
    "training": {"learning_rate": LogUniform(1e-4, 1e-1), "epochs": 3},
}
COMMON = {"training.learning_rate": 0.0123, "training.epochs": 3, "backend": "torch"}
TCN = {"model.name": "tcn", "tcn.kernels": (3, 5), "tcn.hidden": 16, **COMMON}
RESNET = {"model.name": "resnet1d", "resnet1d.attention": True, "resnet1d.limit": None, **COMMON}
COLUMNS = {"trial/score": "val_macro_f1", "trial/val_loss": "val_loss", "trial/val_accuracy": "val_accuracy"}


@pytest.fixture(autouse=True)
def without_tensorflow(monkeypatch: pytest.MonkeyPatch):
    """By this name TensorBoard's own reader leaves TensorFlow unloaded."""
    monkeypatch.setitem(sys.modules, "tensorboard.compat.notf", ModuleType("notf"))


def _ask(folder: Path) -> tuple[Any, dict[str, Any], Any]:
    """What the dashboard is told: the experiment, its groups by name; and the reader of curves."""
    from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
    from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
    from tensorboard.context import RequestContext
    from tensorboard.plugins.base_plugin import TBContext
    from tensorboard.plugins.hparams import api_pb2, backend_context, get_experiment, list_session_groups

    events = EventMultiplexer().AddRunsFromDirectory(str(folder / "tensorboard")).Reload()
    context = backend_context.Context(TBContext(data_provider=MultiplexerDataProvider(events, str(folder))))
    api: Any = api_pb2
    asked = api.ListSessionGroupsRequest(
        allowed_statuses=[api.STATUS_SUCCESS, api.STATUS_FAILURE, api.STATUS_RUNNING, api.STATUS_UNKNOWN],
        col_params=[{"metric": {"tag": "trial/score"}, "order": api.ORDER_DESC}],
        slice_size=100,
    )
    experiment = get_experiment.Handler(RequestContext(), context, "", api.GetExperimentRequest()).run()
    groups = list_session_groups.Handler(RequestContext(), context, "", asked).run().session_groups
    return experiment, {group.name: group for group in groups}, events


def _values(group: Any) -> dict[str, Any]:
    return {name: getattr(value, value.WhichOneof("kind")) for name, value in group.hparams.items()}


def _reached(group: Any) -> dict[str, float]:
    return {metric.name.tag: metric.value for metric in group.metric_values}


def _status(group: Any) -> str:
    (session,) = group.sessions
    return session.DESCRIPTOR.fields_by_name["status"].enum_type.values_by_number[session.status].name


def _report(history: History, trial: str, epoch: int, score: float) -> None:
    figures = {"loss": 2 - score, "val_loss": 1 - score, "val_accuracy": score / 2, "val_macro_f1": score}
    history.note("report", trial, generation=0, epoch=epoch, **figures, seconds=0.5)


@pytest.fixture
def history(journal: Journal) -> History:
    """Three trials: one completed, one failed in its second epoch, one that still runs."""
    history = History(journal)
    for trial, drawn in (("0001", RESNET), ("0002", TCN), ("0003", TCN)):
        history.note("suggested", trial, settings=drawn)
        history.note("measured", trial, measures={"parameters": 95_699, "latency_ms": 1.25})
        _report(history, trial, 1, 0.5)
    history.note("resized", "0001", settings={**RESNET, "training.batch_size": 32, "training.accumulate": 2})
    for epoch, score in ((2, 0.75), (3, 0.625)):
        _report(history, "0001", epoch, score)
    history.note("completed", "0001", epoch=3)
    history.note("failed", "0002", error="Traceback\nValueError: too small")
    return history


def _settings(**changes: Any) -> SearchSettings:
    return settings(3, space=TWO_MODELS, logs=("tensorboard",), **changes)


def test_the_dashboard_shows_what_the_journal_holds(history: History, tmp_path: Path):
    HParamsLog(history, _settings(objectives=("score", "parameters", "latency_ms"))).catch_up()
    experiment, groups, _ = _ask(tmp_path)
    kinds = {info.name: info.type for info in experiment.hparam_infos}
    text, flag, number = 1, 2, 3  # DataType of api.proto
    assert kinds == {
        **dict.fromkeys(("model.name", "backend", "tcn.kernels", "resnet1d.limit"), text),
        "resnet1d.attention": flag,
        **dict.fromkeys(("tcn.hidden", "training.learning_rate", "training.epochs"), number),
    }
    shown = [(info.name.tag, info.display_name) for info in experiment.metric_infos]
    names = ("score", "val_loss", "val_accuracy", "epochs", "parameters", "latency_ms")
    assert shown == [(f"trial/{name}", name) for name in names]

    assert list(groups) == ["0001", "0002"]  # the third one still runs
    resized = {"training.batch_size": 32.0, "training.accumulate": 2.0}
    assert _values(groups["0001"]) == {**RESNET, **resized, "resnet1d.limit": "null"}
    assert _values(groups["0001"])["resnet1d.attention"] is True
    assert _values(groups["0002"]) == {**TCN, "tcn.kernels": "[3, 5]"}
    assert _reached(groups["0001"]) == {
        **{"trial/score": 0.75, "trial/val_loss": 0.25, "trial/val_accuracy": 0.375, "trial/epochs": 3},
        **{"trial/parameters": 95_699, "trial/latency_ms": 1.25},
    }
    assert {metric.training_step for metric in groups["0001"].metric_values} == {2}  # the best epoch
    assert not _reached(groups["0002"])
    assert [_status(group) for group in groups.values()] == ["STATUS_SUCCESS", "STATUS_FAILURE"]
    reports = history.trials["0001"].reports
    assert groups["0001"].sessions[0].start_time_secs == reports[0]["time"]
    assert groups["0001"].sessions[0].end_time_secs == reports[-1]["time"]


def test_learning_curves_are_scalars(history: History, tmp_path: Path):
    from tensorboard.util import tensor_util

    HParamsLog(history, _settings()).catch_up()
    events = _ask(tmp_path)[2]
    for trial, reports in ((trial, history.trials[trial].reports) for trial in ("0001", "0002")):
        for name in ("loss", "val_loss", "val_macro_f1", "val_accuracy", "seconds"):
            curve = events.Tensors(trial, name)
            assert [(event.step, event.wall_time) for event in curve] == [
                (each["epoch"], each["time"]) for each in reports
            ]
            values = [tensor_util.make_ndarray(event.tensor_proto).item() for event in curve]
            assert values == [each[name] for each in reports]


def test_nothing_is_written_twice_and_what_lacks_is_made_up_for(history: History, tmp_path: Path):
    HParamsLog(history, _settings()).catch_up()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "tensorboard").rglob("*") if path.is_file()}
    history.note("completed", "0003", epoch=1)
    again = History(history.journal)  # as after a resume, by a driver that died before it wrote the trial
    HParamsLog(again, _settings()).catch_up()
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "tensorboard").rglob("*") if path.is_file()}
    assert before.items() < after.items()
    (added,) = after.keys() - before.keys()
    assert added.parent.name == "0003"
    assert _reached(_ask(tmp_path)[1]["0003"])["trial/score"] == 0.5
    assert not list(tmp_path.glob("*.part"))


def test_a_search_writes_its_trials_as_they_end(ray_runs: None, tmp_path: Path):
    how = {"fail": "0002", "seconds": 0.02}
    history = run_stand_in(tmp_path, 3, Resources(concurrent=1), how, logs=("tensorboard",))
    trials = history.trials
    written = (tmp_path / "tensorboard" / "0001" / "events.out.tfevents.search").stat().st_mtime
    assert written < trials["0003"].reports[-1]["time"]
    experiment, groups, _ = _ask(tmp_path)
    assert {info.name for info in experiment.hparam_infos} == trials["0001"].settings.keys()
    assert groups.keys() == trials.keys()
    for name, group in groups.items():
        trial = trials[name]
        assert _values(group) == trial.settings
        assert _status(group) == ("STATUS_FAILURE" if trial.status == "failed" else "STATUS_SUCCESS")
        best = trial.best if trial.status != "failed" else None
        expected = {} if best is None else {tag: best[figure] for tag, figure in COLUMNS.items()}
        assert {tag: _reached(group)[tag] for tag in expected} == pytest.approx(expected)  # TensorBoard's are float32
        assert _reached(group).get("trial/epochs", 0) == (len(trial.reports) if best else 0)


def test_the_log_is_kept_for_a_resume():
    kept = _settings().to_json()
    assert kept["logs"] == ("tensorboard",)
    assert SearchSettings.from_json({**kept, "logs": ["tensorboard"]}).logs == ("tensorboard",)
    before = {name: value for name, value in kept.items() if name != "logs"}  # of a search from before there were logs
    assert SearchSettings.from_json(before).logs == ()


def test_another_log_is_refused(tmp_path: Path):
    done = CliRunner().invoke(
        app,
        ["search", "modern_tcn", "--data", "watch", "--run", str(tmp_path), "--log", "tensorboard", "--log", "wandb"],
    )
    assert str(done.exception) == "Expected a known log of a search. Received: 'wandb'. Known: tensorboard."
