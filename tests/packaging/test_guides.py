"""Every command line of every page is one that `kerashar` takes, and every block of Python is run by a test."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from kerashar.cli.main import app
from tests.packaging.test_readme import python_blocks, run_page

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))))
pytestmark = pytest.mark.once


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def command_lines() -> list[str]:
    """Those of the blocks, each on one line."""
    text = "".join(read(page) for page in PAGES).replace("\\\n", " ")
    return sorted(set(re.findall(r"^kerashar(?: .+)?$", text, re.MULTILINE)))


def quoted() -> list[tuple[str, str]]:
    """Those within a sentence, which may leave out what is needed, each with its page."""
    return [(page, words) for page in PAGES for words in re.findall(r"`kerashar ([^`]+)`", read(page))]


def find_command(words: list[str]) -> tuple[Any, list[str]]:
    """The command that a line names, through its groups, and the rest of the line."""
    command: Any = get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]
    return command, words


@pytest.mark.parametrize("line", command_lines())
def test_a_command_line_parses(line: str):
    command, words = find_command(shlex.split(line, comments=True)[1:])
    assert command.make_context(command.name, words).params is not None


def test_the_guides_have_command_lines():
    assert len(command_lines()) >= 70


@pytest.mark.parametrize(("page", "text"), quoted())
def test_what_sentences_quote_exists(page: str, text: str):
    command, words = find_command(text.split())
    assert command.name != "kerashar", f"no such command on {page}"
    known = {option for each in command.params for option in each.opts} | {"--help"}
    assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("page", [page for page in PAGES if python_blocks(page)])
def test_the_python_of_a_page_is_run(page: str):
    """By its own test, which says what should come of it."""
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    calls = [f'("{page}"'] if page != "README.md" else [f"python_blocks()[{n}]" for n in range(len(python_blocks()))]
    assert all(call in tests for call in calls)


def test_there_is_no_other_code():
    """Python is fenced as `python`, and command lines and printed text without a name."""
    fences = re.findall(r"^ *(?:```|~~~)(\w.*)", "".join(map(read, PAGES)), re.MULTILINE)
    assert set(fences) == {"python"}


def test_launch_lines_write_their_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    lines = [line for line in command_lines() if line.startswith("kerashar launch")]
    for line in lines:
        get_command(app).main(shlex.split(line)[1:], standalone_mode=False)
    kinds = {path.name for path in (tmp_path / "launch").iterdir()}
    assert kinds == {"slurm", "aws", "gcp", "on-premise", "kuberay", "job"}


def test_the_guide_to_clusters_in_python(tmp_path: Path):
    assert run_page("docs/cluster.md", tmp_path).split() == ["launch/slurm/slurm.sh"]
