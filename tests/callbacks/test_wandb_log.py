"""W&B's files are read back with its own messages; the format around them is LevelDB's log."""

import json
import struct

import pytest
import wandb

from kerashar.callbacks import WandbLog
from tests.callbacks.tiny_run import RECIPE, FailAt, fit, tiny_model

BLOCK = 32768  # bytes
pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def _no_login(monkeypatch, tmp_path):
    for name in ("WANDB_API_KEY", "WANDB_MODE", "WANDB_DIR", "WANDB_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))


def records(path):
    from wandb.proto.wandb_internal_pb2 import Record

    data = path.read_bytes()
    assert data[:4] == b":W&B"
    at, whole = 7, b""
    while at + 7 <= len(data):
        if BLOCK - at % BLOCK < 7:  # no room for a header: the rest of the block is empty
            at += BLOCK - at % BLOCK
            continue
        _, length, kind = struct.unpack("<IHB", data[at : at + 7])
        whole += data[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):  # all of a record, or its last part
            yield Record.FromString(whole)
            whole = b""


def read(path):
    """Config, figures by step, summary, name of the run, and exit code."""
    wandb.teardown()  # else W&B's own process may still be writing
    config, history, summary, run_id, exit_code = {}, {}, {}, None, None
    for record in records(path):
        kind = record.WhichOneof("record_type")
        if kind == "run":
            run_id = record.run.run_id
            config |= {item.key: json.loads(item.value_json) for item in record.run.config.update}
        elif kind == "history":
            row = {(item.key or item.nested_key[0]): json.loads(item.value_json) for item in record.history.item}
            history[record.history.step.num] = row
        elif kind == "summary":
            summary |= {item.key: json.loads(item.value_json) for item in record.summary.update if item.key}
        elif kind == "exit":
            exit_code = record.exit.exit_code
    return config, history, summary, run_id, exit_code


def test_writes_a_run_offline(tmp_path):
    with WandbLog(tmp_path, RECIPE) as log:
        history = fit(tiny_model(), log)
        log.log_test({"accuracy": 0.5})
    (file,) = tmp_path.glob("wandb/offline-run-*/*.wandb")
    config, figures, summary, run_id, exit_code = read(file)
    assert {name: config[name] for name in RECIPE} == RECIPE
    assert {step: row["val_loss"] for step, row in figures.items()} == dict(enumerate(history["val_loss"], start=1))
    assert summary["test_accuracy"] == 0.5
    assert run_id == json.loads((tmp_path / "wandb.json").read_text())["run_id"]
    assert exit_code == 0


def test_a_run_that_failed_says_so_and_goes_on_under_its_name(tmp_path):
    model = tiny_model()
    with pytest.raises(ValueError, match="on purpose"), WandbLog(tmp_path, RECIPE) as log:
        fit(model, log, FailAt(2))
    (first,) = tmp_path.glob("wandb/offline-run-*/*.wandb")
    _, figures, _, run_id, exit_code = read(first)
    assert (sorted(figures), exit_code) == ([1, 2], 1)
    fit(model, WandbLog(tmp_path, RECIPE), initial_epoch=2)
    (second,) = set(tmp_path.glob("wandb/offline-run-*/*.wandb")) - {first}
    _, figures, _, resumed, exit_code = read(second)
    assert (sorted(figures), resumed, exit_code) == ([3], run_id, 0)
