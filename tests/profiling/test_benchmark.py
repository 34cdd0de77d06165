"""What the process of a model measures, and what it says of a model that fails."""

import json
import math
import mmap
import subprocess
import sys

import pytest

from kerashar.models import create_model, save_model
from kerashar.profiling import BenchmarkRow, benchmark_model, benchmark_run
from kerashar.profiling.benchmark_picture import draw_benchmark
from kerashar.profiling.process_memory import held_memory, peak_memory
from kerashar.profiling.worker import measure

pytestmark = pytest.mark.once
LINUX = sys.platform.startswith("linux")


def test_figures_of_a_trained_model(tmp_path):
    model = create_model("tcn", (32, 3), 4, hidden=4, levels=1)
    save_model(model, tmp_path / "model.keras")
    epochs = ["epoch,val_accuracy,val_macro_f1,val_loss", "1,0.5,0.4,1.0", "2,0.75,0.6,0.9", "3,0.8,0.5,0.8"]
    (tmp_path / "history.csv").write_text("\n".join(epochs))
    row = benchmark_run(tmp_path)
    assert (row.model, row.problem) == (tmp_path.name, "")
    assert (row.top_1, row.top_1_of) == (0.75, "validation")  # of the epoch with the highest macro F1
    assert row.size == "32x3"
    assert row.parameters == model.count_params()
    assert row.flops == 32 * 4 * (3 * 3 + 3 * 4 + 3) + 4 * 4
    assert 0 < row.milliseconds < math.inf
    assert 0 < row.milliseconds_64 < math.inf
    assert (0 < row.megabytes < 1000) if LINUX else row.megabytes is None

    (tmp_path / "test.json").write_text(json.dumps({"looks": 1, "test": {"accuracy": 0.7}}))
    row = benchmark_run(tmp_path)
    assert (row.top_1, row.top_1_of) == (0.7, "test")


def test_a_folder_without_a_model_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"model\.keras"):
        benchmark_run(tmp_path)


def test_a_process_that_dies_gives_a_row_that_says_so(monkeypatch):
    run = subprocess.run
    kill = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    monkeypatch.setattr(subprocess, "run", lambda command, **options: run([command[0], "-c", kill], **options))
    row = benchmark_model("tcn", (32, 3))
    assert row == BenchmarkRow("tcn", input_shape=(32, 3), problem="Its process died: SIGKILL.")


def test_a_model_of_any_length_has_no_cost():
    with pytest.raises(ValueError, match="takes one size"):
        measure({"name": "tcn", "input_shape": (None, 3), "num_classes": 2})


def test_the_peak_is_what_was_held_at_most():
    # Several times, since what earlier tests left is freed, and moved out where memory is scarce, at any moment.
    gains = [_gain_of_a_ballast() for _ in range(5)]
    assert any(45 < gain < 100 for gain in gains) if LINUX else gains == [None] * 5


def _gain_of_a_ballast() -> float | None:
    before = held_memory()
    # Not from the heap, which may hold as much already.
    with mmap.mmap(-1, 50_000_000) as ballast:
        ballast.write(b"1" * 50_000_000)
    return None if before is None else peak_memory() - before


def test_a_picture_of_nothing_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="nothing to draw"):
        draw_benchmark([BenchmarkRow("tcn", problem="Its process died: SIGKILL.")], tmp_path / "costs.png")
    assert not list(tmp_path.iterdir())
