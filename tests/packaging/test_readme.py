"""The README's three ways in, and the code of the guides and of the site's pages, as they stand there."""

import ast
import io
import os
import re
import runpy
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from tests.timm_models import create, publish

ROOT = Path(__file__).resolve().parents[2]


def python_blocks(page="README.md"):
    return re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def run_script(code, folder):
    (folder / "script.py").write_text(code, encoding="utf-8")
    done = subprocess.run([sys.executable, "script.py"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_page(page, folder):
    """All code of a page, one block after the other, in this process: what it prints."""
    (folder / "script.py").write_text("".join(python_blocks(page)), encoding="utf-8")
    output = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(output):
        patch.chdir(folder)
        runpy.run_path(str(folder / "script.py"))
    return output.getvalue()


def test_a_plain_keras_model_in_a_users_own_code(tmp_path):
    # The third way, the same script under another KERAS_BACKEND, is this test in the other backends' processes.
    output = run_script(python_blocks()[0], tmp_path)
    loss, accuracy = map(float, re.findall(r"[\d.]+", output.splitlines()[-1]))
    assert accuracy > 0.5, f"two epochs should learn something on {os.environ.get('KERAS_BACKEND')}"
    assert loss < 2
    assert (tmp_path / "model.keras").exists()


@pytest.mark.once
def test_a_sweep_from_python(tmp_path):
    output = run_script(python_blocks()[1], tmp_path)
    score = float(output.splitlines()[-1])
    assert 0 < score <= 1
    assert (tmp_path / "runs" / "mine" / "best_model.keras").exists()


@pytest.mark.once
def test_the_guide_to_the_models(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    # In place of what is downloaded: the same network of timm, its weights at random.
    publish(create("convnext_atto"), tmp_path / "hub" / "models--timm--convnext_atto.d2_in1k" / "snapshots" / "1")
    output = run_page("docs/models.md", tmp_path)
    field, depth = output.splitlines()
    assert field == "ReceptiveField(samples=125, seconds=2.5)"
    assert int(depth) > 1


def test_the_guide_to_streaming(tmp_path):
    output = run_page("docs/streaming.md", tmp_path)
    shape, decisions = output.splitlines()
    assert shape.endswith("101")
    assert decisions == "(2, 399)"
    assert (tmp_path / "model.onnx").exists()


@pytest.mark.once
def test_the_guide_to_features(tmp_path):
    output = run_page("docs/features.md", tmp_path)
    assert output.splitlines() == ["(256, 6)", "(256, 189)", "0.0"]


@pytest.mark.once
def test_the_guide_to_training(tmp_path):
    output = run_page("docs/training.md", tmp_path)
    errors = [float(line.split(": off by ")[1]) for line in output.splitlines()]
    assert len(errors) == 7
    assert max(errors) < 1


@pytest.mark.once
def test_the_guide_to_searches(tmp_path):
    output = run_script("".join(python_blocks("docs/search.md")), tmp_path)
    ranked = ast.literal_eval(output.splitlines()[-1])
    assert len(ranked) == 2
    assert {name for name, _ in ranked} <= {"modern_tcn", "tcn"}


@pytest.mark.once
def test_the_guide_to_explanations(tmp_path):
    output = run_page("docs/explanations.md", tmp_path)
    assert output.splitlines() == ["(4, 32, 32) (4, 32, 32)", "(4, 32, 32)"]
    assert (tmp_path / "explanations.png").exists()


@pytest.mark.once
def test_the_home_page(tmp_path):
    loss, accuracy = ast.literal_eval(run_page("docs/index.md", tmp_path).splitlines()[-1])
    assert accuracy > 0.3
    assert loss < 3
    assert (tmp_path / "model.keras").exists()


@pytest.mark.once
def test_the_guide_to_prediction(tmp_path):
    output = run_page("docs/prediction.md", tmp_path)
    assert len(output.splitlines()) == 3
    assert (tmp_path / "walk.png").exists()


@pytest.mark.once
def test_the_guide_to_images(tmp_path, monkeypatch):
    monkeypatch.setenv("KERASHAR_CACHE", str(tmp_path / "cache"))
    share, images = run_page("docs/images.md", tmp_path).split("% of ")
    assert int(share) > 80  # of ten classes
    assert images == "139 validation images\n"


@pytest.mark.once
def test_the_lines_on_memory(tmp_path):
    assert run_page("docs/performance.md", tmp_path) == ""
