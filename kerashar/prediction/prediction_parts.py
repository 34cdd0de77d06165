"""What was predicted so far, on disk."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from kerashar.files import write_atomically, write_json
from kerashar.models import InputCard
from kerashar.prediction.recording_prediction import RecordingPrediction

Said = tuple[str, str, float, RecordingPrediction]  # its file, the file's stamp, its rate, and what the model said


class PredictionParts:
    """Predictions of whole files, in parts that are written whole or not at all.

    Args:
        folder: of the parts; made if it is missing.
        settings: what the predictions follow from; a folder of others is refused.
        card: of the model.

    Raises:
        ValueError: the folder's settings are others, or a part is damaged.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any], card: InputCard) -> None:
        self.folder, self.card = folder, card
        note = folder / "settings.json"
        if note.exists() and json.loads(note.read_text(encoding="utf-8")) != json.loads(json.dumps(settings)):
            raise ValueError(
                f"Expected a folder of results of the same model and settings. Received: {folder.parent}, whose "
                "results are of others. Choose another folder, or remove it."
            )
        self._settings = settings
        self._found: dict[str, tuple[str, list[tuple[float, str, str, np.ndarray, np.ndarray]]]] = {}
        self._count = 0
        for path in sorted(folder.glob("[0-9]*.parquet")):
            self._count = int(path.stem)
            self._take(_read(path))

    def has(self, file: str, stamp: str) -> bool:
        """Whether a file of that size and time of change is among them."""
        return file in self._found and self._found[file][0] == stamp

    def add(self, said: Sequence[Said]) -> None:
        """Keep the predictions of whole files."""
        if not self._count:
            write_json(self.folder / "settings.json", self._settings)
        self._count += 1
        counts = [len(one.starts) for *_, one in said]
        columns = {
            "file": np.repeat([file for file, *_ in said], counts),
            "stamp": np.repeat([stamp for _, stamp, *_ in said], counts),
            "rate": np.repeat([rate for _, _, rate, _ in said], counts),
            "recording": np.repeat([one.recording_id for *_, one in said], counts),
            "subject": np.repeat([one.subject for *_, one in said], counts),
            "start": np.concatenate([one.starts for *_, one in said]),
            "probabilities": list(np.concatenate([one.probabilities for *_, one in said]).astype("float32")),
        }
        table = pa.table(columns)
        write_atomically(self.folder / f"{self._count:06}.parquet", lambda temporary: pq.write_table(table, temporary))
        self._take(table)

    def of(self, files: Mapping[str, str], smoothing: float) -> list[tuple[float, RecordingPrediction]]:
        """The rate and prediction of each recording of these files, by their stamps, in the files' order."""
        length = self.card.sample_shape[0] / float(self.card.rate or 1)
        return [
            (rate, RecordingPrediction(subject, recording, starts, length, shares, self.card.class_names, smoothing))
            for file, stamp in files.items()
            if self.has(file, stamp)
            for rate, recording, subject, starts, shares in self._found[file][1]
        ]

    def _take(self, table: pa.Table) -> None:
        recordings = np.array(table["recording"].to_pylist())
        changes = np.flatnonzero(recordings[1:] != recordings[:-1]) + 1
        starts = table["start"].to_numpy()
        shares = np.stack(table["probabilities"].to_numpy())
        fresh: dict[str, tuple[str, list[Any]]] = {}
        for first, stop in zip([0, *changes.tolist()], [*changes.tolist(), len(recordings)], strict=True):
            file, stamp, rate, subject = (table[name][first].as_py() for name in ("file", "stamp", "rate", "subject"))
            one = (rate, str(recordings[first]), subject, starts[first:stop], shares[first:stop])
            fresh.setdefault(file, (stamp, []))[1].append(one)
        self._found |= fresh


def _read(path: Path) -> pa.Table:
    try:
        return pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"Expected {path} as it was written. Received: {error}. Remove it, and run again.") from error
