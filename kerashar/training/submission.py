"""Predictions in the order and under the header that somebody asks for."""

import csv
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from kerashar.files import write_csv


def write_submission(sample: Path | str, path: Path | str, labels: Mapping[str, str]) -> None:
    """Write a label for each row of a sample file, with its header and in its order.

    Use it for competitions and colleagues that want predictions in a form of their own.

    Args:
        sample: CSV with a header of two columns, names and labels; its labels are not read.
        path: where the CSV goes, atomically.
        labels: by the name of each image, such as `test/cat/7.png`. The sample may leave folders or the suffix out.

    Raises:
        FileNotFoundError: there is no sample.
        ValueError: a sample of other columns or without rows, or a name that fits no image, or several.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> _ = (folder / "sample.csv").write_text("id,species\\n8,none\\n7,none\\n")
        >>> write_submission(folder / "sample.csv", folder / "mine.csv", {"test/7.png": "cat", "test/8.png": "dog"})
        >>> (folder / "mine.csv").read_text().split()
        ['id,species', '8,dog', '7,cat']
    """
    with open(sample, newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))
    if len(rows) < 2 or any(len(row) != 2 for row in rows):
        raise ValueError(
            f"Expected {sample} to have a header and rows of two columns, names and labels. Received: other."
        )
    known: dict[str, set[str]] = {}
    for name in labels:
        place = PurePosixPath(name)
        for short in {name, place.name, place.stem}:
            known.setdefault(short, set()).add(name)
    (first, second), *asked = rows
    answers = []
    for name, _ in asked:
        fitting = known.get(name, set())
        if name in labels:
            fitting = {name}
        if len(fitting) != 1:
            raise ValueError(
                f"Expected each name of {sample} to fit one image. Received: {name!r}, which fits {len(fitting)}."
            )
        answers.append({first: name, second: labels[next(iter(fitting))]})
    write_csv(path, answers)
