import csv

import pytest

from kerashar.callbacks import CSVLog
from tests.callbacks.tiny_run import FailAt, fit, tiny_model


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_writes_each_epoch(tmp_path):
    history = fit(tiny_model(), CSVLog(tmp_path))
    written = rows(tmp_path / "history.csv")
    assert [row["epoch"] for row in written] == ["1", "2", "3"]
    assert [float(row["val_loss"]) for row in written] == history["val_loss"]
    # Two steps an epoch at 0.1 / (1 + steps): the rate as it is when the epoch ends.
    assert [float(row["learning_rate"]) for row in written] == pytest.approx([0.1 / 3, 0.1 / 5, 0.1 / 7])
    assert all(float(row["seconds"]) > 0 for row in written)


def test_a_training_that_failed_keeps_its_epochs_and_goes_on(tmp_path):
    model = tiny_model()
    with pytest.raises(ValueError, match="on purpose"), CSVLog(tmp_path) as log:
        fit(model, log, FailAt(2))
    assert [row["epoch"] for row in rows(tmp_path / "history.csv")] == ["1", "2"]
    first = rows(tmp_path / "history.csv")[0]
    # The second epoch is trained again, as after a kill between the log and the checkpoint.
    fit(model, CSVLog(tmp_path), initial_epoch=1)
    again = rows(tmp_path / "history.csv")
    assert [row["epoch"] for row in again] == ["1", "2", "3"]
    assert again[0] == first
    fit(model, CSVLog(tmp_path), epochs=1)
    assert len(rows(tmp_path / "history.csv")) == 1


def test_looks_at_test_windows_have_a_line_each(tmp_path):
    CSVLog(tmp_path).log_test({"accuracy": 0.5, "count": 3, "per_class": {"a": 1.0}, "confusion": [[1]]})
    CSVLog(tmp_path).log_test({"accuracy": 0.75}, look=2)
    assert rows(tmp_path / "test.csv") == [
        {"test_accuracy": "0.5", "test_count": "3.0", "test_look_2_accuracy": ""},
        {"test_accuracy": "", "test_count": "", "test_look_2_accuracy": "0.75"},
    ]
