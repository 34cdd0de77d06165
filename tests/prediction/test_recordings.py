"""Whole recordings against answers that are known by construction."""

import csv
import errno
import json
import os
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pytest

from kerashar.data import Recording
from kerashar.models import InputCard, save_model
from kerashar.prediction import RecordingPrediction, predict_recording, predict_tables
from kerashar.prediction import predict_tables as package_level
from tests.cli.support import expect_one_line_error, kerashar

CHANNELS = ("acceleration_x", "acceleration_y", "acceleration_z")
CARD = InputCard("window", ("still", "walking"), (50, 3), 50.0, CHANNELS, ("g",) * 3)


@pytest.fixture(scope="module")
def model():
    """Says "walking" where the mean of the first channel is above 0.5."""
    inputs = keras.Input((50, 3))
    pooled = keras.layers.GlobalAveragePooling1D()(inputs)
    layer = keras.layers.Dense(2, name="logits")
    built = keras.Model(inputs, layer(pooled))
    layer.set_weights([np.array([[0, 40], [0, 0], [0, 0]], "float32"), np.array([0, -20], "float32")])
    built.input_card = CARD
    return built


def recording(rate=50.0, seconds=40, walking=(10, 25), **changes):
    times = np.arange(int(seconds * rate)) / rate
    values = np.zeros((len(times), 3), "float32")
    values[:, 0] = (times >= walking[0]) & (times < walking[1])
    values[:, 2] = 1 - values[:, 0]  # gravity turns, by which the unit is told
    return Recording(values, rate, CHANNELS, ("g",) * 3, "anna", "walk", (), **changes)


@pytest.mark.parametrize("rate", [26.0, 50.0, 100.0, 71.3])
def test_a_recording_of_any_rate_gives_the_same_segments(model, rate):
    said = predict_recording(model, recording(rate, start=1000.0), smoothing=1.0)
    assert [part["label"] for part in said.segments] == ["still", "walking", "still"]
    assert [part["start"] for part in said.segments] == pytest.approx([1000, 1010, 1025], abs=1)
    assert said.segments[-1]["end"] == pytest.approx(1040, abs=0.1)
    assert said.windows[0]["start"] == 1000
    assert said.windows[-1]["end"] == pytest.approx(1040, abs=0.1)
    assert [round(row["time"]) for row in said.seconds] == list(range(1000, 1040))
    assert said.windows[3]["confidence"] > 0.99


def test_channels_go_by_name_and_others_are_passed_over(model):
    plain = recording()
    mixed = Recording(
        np.concatenate([plain.signal[:, ::-1], np.ones((len(plain.signal), 1))], axis=1),
        *(50.0, (*CHANNELS[::-1], "pressure"), ("g", "g", "g", "Pa"), "anna", "walk", ()),
    )
    np.testing.assert_array_equal(
        predict_recording(model, plain).probabilities, predict_recording(model, mixed).probabilities
    )


def test_what_the_model_does_not_take_is_refused(model):
    plain = recording()
    for changes, words in (
        ({"units": ("m/s2",) * 3}, "m/s2 in place of g"),
        ({"channels": ("x", "y", "z")}, "no acceleration_x"),
        ({"rate": 20.0}, "at least half of the model's 50 Hz"),
        ({"signal": plain.signal[:40]}, "of a window, 1.00 s"),
    ):
        parts = {name: getattr(plain, name) for name in ("signal", "rate", "channels", "units")}
        given = Recording(**{**parts, **changes}, subject="a", recording_id="r", segments=())
        with pytest.raises(ValueError, match=words):
            predict_recording(model, given)
    with pytest.raises(ValueError, match="hop"):
        predict_recording(model, plain, hop=0.001)
    with pytest.raises(ValueError, match="doesn't say what it takes"):
        predict_recording(keras.Sequential([keras.Input((50, 3)), keras.layers.Flatten()]), plain)


@pytest.mark.once
def test_smoothing_is_the_mean_of_the_windows_about_a_moment():
    rng = np.random.default_rng(0)
    starts = np.sort(rng.uniform(0, 60, 40))
    shares = rng.dirichlet(np.ones(3), 40)
    said = RecordingPrediction("a", "r", starts, 2.0, shares, ("a", "b", "c"), smoothing=5.0)
    times, smooth = said.smoothed
    for moment, row in zip(times, smooth, strict=True):
        middle = min(moment + 0.5, starts[-1] + 2)
        distance = np.abs(starts + 1 - middle)
        near = distance <= max(2.5, distance.min())
        np.testing.assert_allclose(row, shares[near].mean(axis=0), atol=1e-9)
    rough = RecordingPrediction("a", "r", starts, 2.0, shares, ("a", "b", "c"), smoothing=0.01)
    assert len(rough.segments) > len(said.segments)
    covered = sum(part["seconds"] for part in said.segments)
    assert covered == pytest.approx(starts[-1] + 2 - starts[0], abs=0.1)


def table(path, rate=100.0, header="time,ax,ay,az", walking=(10, 25), seconds=40, scale=1.0, first=0.0):
    made = recording(rate, seconds, walking)
    columns = np.column_stack([first + np.arange(len(made.signal)) / rate, made.signal * scale])
    path.parent.mkdir(exist_ok=True)
    np.savetxt(path, columns, delimiter=",", header=header, comments="", fmt="%.6f")


def read(path):
    with path.open() as file:
        return list(csv.DictReader(file))


@pytest.mark.once
def test_a_folder_survives_broken_files_and_goes_on(model, tmp_path):
    for number in range(6):
        table(tmp_path / "in" / f"walk-{number}.csv", walking=(5 + number, 20), first=100.0 * number)
    (tmp_path / "in" / "torn.csv").write_text("time,ax,ay,az\n0.0,1,2,3\n0.02,1,")
    (tmp_path / "in" / "empty.csv").write_text("")
    table(tmp_path / "in" / "other-unit.csv", scale=9.81, header="time,ax,ay,az")
    table(tmp_path / "in" / "short.csv", seconds=0.5)
    report = predict_tables(model, tmp_path / "in", tmp_path / "out", smoothing=1.0)
    assert {name for name, _ in report.left_out} == {"torn.csv", "empty.csv", "other-unit.csv", "short.csv"}
    assert "m/s2 in place of g" in dict(report.left_out)["other-unit.csv"]
    assert (report.files, report.predicted) == (10, 6)
    assert {row["file"] for row in read(tmp_path / "out" / "left_out.csv")} == {name for name, _ in report.left_out}
    walks = [row for row in read(tmp_path / "out" / "segments.csv") if row["label"] == "walking"]
    assert [row["recording"] for row in walks] == [f"walk-{number}.csv" for number in range(6)]
    assert float(walks[3]["start"]) == pytest.approx(308, abs=1)
    # A file that is mended and one that is new are taken up, the others are not read again.
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "parts").iterdir()}
    table(tmp_path / "in" / "torn.csv")
    table(tmp_path / "in" / "new.csv", rate=50.0)
    report = predict_tables(model, tmp_path / "in", tmp_path / "out", smoothing=1.0)
    assert (report.files, report.predicted, len(report.left_out)) == (11, 2, 3)
    assert len({row["recording"] for row in read(tmp_path / "out" / "windows.csv")}) == 8
    parts = [path for path in before if path.suffix == ".parquet"]
    assert parts
    assert all(path.stat().st_mtime_ns == before[path] for path in parts)
    with pytest.raises(ValueError, match="of the same model and settings"):
        predict_tables(model, tmp_path / "in", tmp_path / "out", hop=0.2)


@pytest.mark.once
def test_a_killed_run_goes_on(model, tmp_path):
    save_model(model, tmp_path / "model.keras")
    for number in range(40):
        table(tmp_path / "in" / f"walk-{number:02}.csv", rate=50.0, seconds=20)
    script = (
        "import sys\n"
        "from kerashar.prediction import predict_tables\n"
        "from kerashar.models import load_model\n"
        "sys.modules['kerashar.prediction.predict_tables']._SAMPLES = 2000\n"
        "predict_tables(load_model('model.keras'), 'in', 'out')\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path)
    parts = tmp_path / "out" / "parts"
    while process.poll() is None and len(list(parts.glob("0*.parquet"))) < 3:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "out" / "windows.csv").exists()
    kept = {path: path.read_bytes() for path in parts.glob("0*.parquet")}
    report = predict_tables(model, tmp_path / "in", tmp_path / "out")
    assert 0 < report.predicted < 40
    assert all(path.read_bytes() == content for path, content in kept.items())
    undisturbed = predict_tables(model, tmp_path / "in", tmp_path / "whole")
    assert undisturbed.predicted == 40
    for name in ("windows.csv", "seconds.csv", "segments.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.once
def test_a_damaged_part_and_a_full_disk_are_told(model, tmp_path, monkeypatch):
    table(tmp_path / "in" / "walk.csv")
    predict_tables(model, tmp_path / "in" / "walk.csv", tmp_path / "out")
    (part,) = (tmp_path / "out" / "parts").glob("*.parquet")
    part.write_bytes(part.read_bytes()[:-9])
    with pytest.raises(ValueError, match="Remove it"):
        predict_tables(model, tmp_path / "in" / "walk.csv", tmp_path / "out")

    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(sys.modules[package_level.__module__], "read_tables", full)
    with pytest.raises(OSError, match="No space"):
        predict_tables(model, tmp_path / "in", tmp_path / "third")


@pytest.mark.once
def test_the_command_writes_each_kind_of_table_and_pictures(model, tmp_path):
    save_model(model, tmp_path / "model.keras")
    table(tmp_path / "walk.csv", header="time,a1,a2,a3")
    asked = ["predict-recordings", "model.keras", "walk.csv", "--out", "out"]
    expect_one_line_error(kerashar(*asked, cwd=tmp_path), "--channel COLUMN=acceleration_x")
    columns = [f"--channel=a{n}={name}" for n, name in enumerate(CHANNELS, 1)]
    expect_one_line_error(kerashar(*asked, *columns, cwd=tmp_path), "unit")
    done = kerashar(*asked, *columns, "--unit=acceleration=g", "--pictures", "--format=jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1 of 1 files are in out" in done.stdout
    lines = [json.loads(line) for line in (tmp_path / "out" / "segments.jsonl").read_text().splitlines()]
    assert [line["label"] for line in lines] == ["still", "walking", "still"]
    assert len(list((tmp_path / "out" / "pictures").glob("*.png"))) == 1
    options = ("--unit=acceleration=g", "--format=parquet", "--distribution")
    again = kerashar(*asked, *columns, *options, cwd=tmp_path)
    assert "0 predicted now" in again.stdout
    import pyarrow.parquet as pq

    said = pq.read_table(tmp_path / "out" / "seconds.parquet")
    assert said.num_rows == 40
    both = said["p_still"].to_numpy() + said["p_walking"].to_numpy()
    np.testing.assert_allclose(both, 1, atol=1e-5)
    likeliest = np.maximum(said["p_still"].to_numpy(), said["p_walking"].to_numpy())
    np.testing.assert_allclose(said["confidence"].to_numpy(), likeliest, atol=1e-4)
