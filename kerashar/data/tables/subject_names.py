"""Who was measured, from the names of files and folders."""

import re
from pathlib import Path

from kerashar.data.tables.table_layout import FROM_FILE

_NUMBERED = re.compile(r"(?:^|[^a-z])(?:subject|subj|sub|s|user|u|person|participant|pt|p|id)[-_ ]?(\d+)(?!\d)", re.I)


def subject_from(choice: str, source: Path, path: Path, *, numbered: bool) -> str:
    """The subject of a table: the number in its name or in its first folder's name, else that name.

    Args:
        choice: "@file" or "@folder".
        source: what was imported.
        path: a table in it.
        numbered: whether the name must hold a number, as in "subject03", "s03_walk" or "03".

    Raises:
        ValueError: there is no folder, or no number.

    Example:
        >>> subject_from("@folder", Path("study"), Path("study/subject03/walk.csv"), numbered=True)
        '03'
    """
    if choice == FROM_FILE:
        name = path.stem
    else:
        parts = path.relative_to(source).parts if source != path else ()
        if len(parts) < 2:
            raise ValueError(f"Expected {path} in a folder of its subject. Received: {source}.")
        name = parts[0]
    found = _NUMBERED.search(name)
    if found:
        return found[1]
    if numbered and not name.isdecimal():
        raise ValueError(f"Expected a number in the name {name!r}, such as subject03. Received: none.")
    return name
