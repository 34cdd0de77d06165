"""The likeliest classes of each window or image, as files that people and other programs read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerashar.files import write_csv, write_json
from kerashar.training.predictions import Predictions

TOP = 5


def top_classes(
    logits: np.ndarray, class_names: Sequence[str] | np.ndarray, count: int = TOP
) -> list[dict[str, float]]:
    """For each row of logits `(n, classes)` the likeliest classes with their probabilities, the likeliest first.

    Example:
        >>> top_classes(np.log([[0.2, 0.7, 0.1]]), np.array(["sit", "walk", "run"]), 2)
        [{'walk': 0.7, 'sit': 0.2}]
    """
    from scipy.special import softmax  # slow to import, needed only here

    if count < 1:
        raise ValueError(f"Expected at least one class for each. Received: {count}.")
    shares = softmax(logits.astype(np.float64), axis=1)
    order = np.argsort(-shares, axis=1, kind="stable")[:, :count]
    return [
        {str(class_names[each]): round(float(share[each]), 6) for each in row}
        for share, row in zip(shares, order, strict=True)
    ]


def write_top_classes(folder: Path, said: Predictions) -> None:
    """Write `predictions.json` and `predictions.csv`: for each sample where it lies, its label, and the top five."""
    records = [
        {**_origin(said, row), "label": str(said.class_names[said.labels[row]]), "top": top}
        for row, top in enumerate(top_classes(said.logits, said.class_names))
    ]
    write_json(folder / "predictions.json", records)
    write_csv(folder / "predictions.csv", [flat_top(record) for record in records])


def _origin(said: Predictions, row: int) -> dict[str, Any]:
    if said.item == "image":
        return {"name": str(said.recordings[row]), "group": str(said.subjects[row])}
    return {
        "subject": str(said.subjects[row]),
        "recording": str(said.recordings[row]),
        "start": int(said.starts[row]),
    }


def flat_top(record: dict[str, Any]) -> dict[str, Any]:
    """A table's row: the likeliest classes in columns of their own."""
    columns = {name: value for name, value in record.items() if name != "top"}
    for rank, (name, share) in enumerate(record.get("top", {}).items(), start=1):
        columns |= {f"top_{rank}": name, f"probability_{rank}": share}
    return columns
