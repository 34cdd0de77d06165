"""A newcomer's path, from CSV files to a live stream, as the README and docs/start.md have it."""

import io
import json
import re
import runpy
import shlex
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from kerashar.serving import ServedModel
from tests.cli.support import kerashar, kerashar_process
from tests.packaging.test_readme import python_blocks
from tests.serving.served import serving

ROOT = Path(__file__).resolve().parents[2]
SMALL = {"import": ["--yes"], "search": ["--trials", "1"]}  # behind the page's own options
pytestmark = pytest.mark.once


def own_lines(page: str) -> list[str]:
    """The commands of a page from where it speaks of own recordings, without the comments behind them."""
    text = (ROOT / page).read_text(encoding="utf-8").partition("Your own recordings\n")[2].partition("\n## Three")[0]
    return [line.partition("#")[0].strip() for line in re.findall(r"^kerashar .+$", text, re.MULTILINE)]


def test_the_readme_leads_the_same_way():
    lines = own_lines("README.md")
    assert [line for line in own_lines("docs/start.md") if line in lines] == lines
    assert len(lines) == 5


def test_from_csv_files_to_a_live_stream(tmp_path, monkeypatch):
    monkeypatch.setenv("KERASHAR_CACHE", str(tmp_path / "cache"))
    runpy.run_path(str(ROOT / "examples" / "own_recordings.py"))["made_up"](tmp_path / "recordings")
    *lines, last = own_lines("docs/start.md")
    assert last.startswith("kerashar serve ")
    for line in lines:
        words = shlex.split(line)[1:]
        more = next((options for name, options in SMALL.items() if name in words[:2]), [])
        run = kerashar_process if words[0] == "search" else kerashar  # Ray stays in a process of its own
        done = run(*words, *more, cwd=tmp_path)
        assert done.returncode == 0, f"{line}: {done.stderr}"
    best = tmp_path / "runs" / "mine" / "best_model.keras"
    assert list((tmp_path / "reports").glob("*.html"))
    assert "walking" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "walking" in (tmp_path / "labels" / "segments.csv").read_text(encoding="utf-8")
    assert (tmp_path / "stream.onnx").exists()

    output = io.StringIO()
    with serving(ServedModel(best, batch=1)) as address, redirect_stdout(output):
        code = "".join(python_blocks("docs/start.md")).replace("127.0.0.1:8000", address)
        (tmp_path / "client.py").write_text(code, encoding="utf-8")
        runpy.run_path(str(tmp_path / "client.py"))
    label, confidence = output.getvalue().split()
    assert label in ("sitting", "walking")
    assert 0.5 <= float(confidence) <= 1
    assert json.loads((tmp_path / "runs" / "mine" / "test.json").read_text())["looks"] == 1
