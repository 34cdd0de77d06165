"""A study as a report among guides."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kerashar.files import write_atomically
from kerashar.pages.picture import Picture
from kerashar.studies.page.content import study_content
from kerashar.studies.page.study_record import StudyRecord
from kerashar.studies.page.table import Table

_INK = "#1c2128"


def write_study_markdown(folder: Path | str, path: Path | str) -> None:
    """Write what a study decided, and by which evidence, as Markdown, with its pictures in `pictures` beside it.

    Use it for the documentation of a project: it says the same as the page, and holds no path of this machine.

    Args:
        folder: run folder of the study.
        path: the file to write, such as `docs/study_hapt.md`; the pictures are named after it.

    Raises:
        ValueError: no study in the folder.
        OSError: a file can't be written.

    Example:
        >>> write_study_markdown("runs/study-har-hapt-torch", "docs/study_hapt.md")  # doctest: +SKIP
    """
    path = Path(path)
    content = study_content(StudyRecord.read(folder), is_portable=True)
    pages = "\n\n".join(_report(content, path))
    write_atomically(path, lambda temporary: temporary.write_text(pages + "\n", encoding="utf-8"))


def _report(content: dict[str, Any], path: Path) -> Iterator[str]:
    yield f"# Study {_text(content['title'])}"
    yield _text(content["state"])
    yield "\n".join(
        f"- **{_text(each['title'])}: {_text(each['value'])}**, {_text(each['note'])}" for each in content["cards"]
    )
    yield f"```\n{content['command']}\n```"
    yield _listed(content["facts"])
    yield "## What it decided"
    if content["way"]:
        yield _picture(content["way"], path)
    yield _table(content["decisions"])
    yield "## Stages"
    for stage in content["stages"]:
        yield from _stage(stage, path)
    if content["finals"]:
        yield "## Models"
        yield from (_table(each) for each in (content["finals"], content["measured"]) if each)
    if content["costs"]:
        yield "## Score and cost"
        yield from (_picture(each, path) for each in content["costs"])
        yield _table(content["front"])
    yield "## How it was decided"
    yield "\n".join(f"- {_text(each)}" for each in (*content["rule"], *content["looks"]))
    yield _table(content["recipes"])
    yield _listed(content["environment"])


def _stage(stage: dict[str, Any], path: Path) -> Iterator[str]:
    yield f"### {stage['number']}. {_text(stage['name'])}"
    if stage["decision"] is None:
        yield "Under way." if stage["parts"] else "To come."
        return
    yield _text(f"{stage['decision'].reason} {stage['kind']}".strip())
    if len(stage["tried"]) > 1:  # of one option the tables say all
        yield _picture(stage["picture"], path)
    yield _table(stage["evidence"])
    yield _table(stage["changes"])


def _table(table: Table) -> str:
    lines = [_row(table.heads), _row(["---:" if head in table.numbers else "---" for head in table.heads])]
    for place, row in enumerate(table.rows):
        cells = [_text(cell) for cell in row]
        lines.append(_row([f"**{cells[0]}**", *cells[1:]] if place in table.marked else cells))
    return f"{_text(table.caption)}:\n\n" + "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _listed(rows: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"- {_text(name)}: {_text(value)}" for name, value in rows)


def _picture(picture: Picture, path: Path) -> str:
    """Write a picture as a file of its own, on white, and refer to it."""
    name = f"{path.stem}_{re.sub('[^a-z0-9]+', '_', picture.title.lower())}.svg"
    width, height = re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', picture.markup)[0]
    shown = (
        f'width="{float(width) * 4 / 3:.0f}" height="{float(height) * 4 / 3:.0f}" style="background:#fff;color:{_INK}"'
    )
    markup = re.sub(r'style="width:100%;max-width:\d+px"', shown, picture.markup, count=1)
    write_atomically(path.parent / "pictures" / name, lambda temporary: temporary.write_text(markup, encoding="utf-8"))
    alt = re.sub(r"[\[\]]", "", picture.alt)
    return f"![{_text(alt)}](pictures/{name})"


def _text(text: str) -> str:
    """Text in which nothing is markup."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", " ")
    return re.sub(r"([\\`*_\[\]|#])", r"\\\1", text)
