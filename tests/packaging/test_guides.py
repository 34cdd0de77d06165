"""Every command line of the guides to searches, clusters and security is one that `kerashar` takes."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from kerashar.cli.main import app
from tests.packaging.test_readme import python_blocks, run_script

ROOT = Path(__file__).resolve().parents[2]
GUIDES = ("cluster.md", "reliability.md", "search.md", "security.md")
pytestmark = pytest.mark.once


def command_lines() -> list[str]:
    """Those of the blocks, and those quoted within a sentence."""
    text = "".join((ROOT / "docs" / guide).read_text(encoding="utf-8") for guide in GUIDES)
    return re.findall(r"^kerashar .+$", text, re.MULTILINE)


def quoted() -> list[str]:
    text = "".join((ROOT / "docs" / guide).read_text(encoding="utf-8") for guide in GUIDES)
    return re.findall(r"`kerashar ([^`]+)`", text)


@pytest.mark.parametrize("line", command_lines())
def test_a_command_line_parses(line: str):
    name, *arguments = shlex.split(line, comments=True)[1:]
    commands: Any = get_command(app)
    command = commands.commands[name]
    assert command.make_context(name, arguments).params


def test_the_guides_have_command_lines():
    assert len(command_lines()) >= 11


def test_what_sentences_quote_exists():
    commands: Any = get_command(app)
    for text in quoted():
        name, *words = text.split()
        known = {option for each in commands.commands[name].params for option in each.opts}
        assert {word for word in words if word.startswith("--")} <= known, text


def test_launch_lines_write_their_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    lines = [line for line in command_lines() if line.startswith("kerashar launch")]
    for line in lines:
        get_command(app).main(shlex.split(line)[1:], standalone_mode=False)
    kinds = {path.name for path in (tmp_path / "launch").iterdir()}
    assert kinds == {"slurm", "aws", "gcp", "on-premise", "kuberay", "job"}


def test_the_guide_to_clusters_in_python(tmp_path: Path):
    assert run_script("".join(python_blocks("docs/cluster.md")), tmp_path).split() == ["launch/slurm/slurm.sh"]
