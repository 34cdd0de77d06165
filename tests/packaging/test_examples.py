"""The example scripts, at their smallest."""

import io
import runpy
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SMALL = {
    "own_recordings": ["--epochs", "1"],
    "small_images": ["--epochs", "1", "--count", "60"],
    "stream": ["--epochs", "1"],
}
LEFT = {
    "own_recordings": ["run/report.html", "run/model.keras", "labels/seconds.csv", "labels/segments.csv"],
    "small_images": ["joined.keras", "where_the_first_looks.png", "what_both_need.png"],
    "stream": ["model.stream.npz", "stream.onnx"],
}
SAYS = {
    "own_recordings": "5 recordings labelled",
    "small_images": "both together:",
    "stream": "right at the end of",
}
pytestmark = pytest.mark.once


def test_there_are_no_others():
    assert {path.stem for path in EXAMPLES.iterdir() if path.suffix} == set(SMALL)


@pytest.mark.parametrize("name", SMALL)
def test_an_example(name, tmp_path, monkeypatch):
    path, output = EXAMPLES / f"{name}.py", io.StringIO()
    assert len(path.read_text(encoding="utf-8").splitlines()) < 60
    monkeypatch.setattr(sys, "argv", [path.name, *SMALL[name], "--out", str(tmp_path)])
    monkeypatch.setenv("KERASHAR_CACHE", str(tmp_path / "cache"))
    with redirect_stdout(output):
        runpy.run_path(str(path), run_name="__main__")
    assert SAYS[name] in output.getvalue()
    for file in LEFT[name]:
        assert (tmp_path / file).exists(), file
