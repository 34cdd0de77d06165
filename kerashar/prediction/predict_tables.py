"""Predictions over all tables of a folder, which go on where they were interrupted."""

import errno
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import keras
from filelock import FileLock, Timeout

from kerashar.data import Recording
from kerashar.data.progress import show_progress
from kerashar.data.tables import guess_layout, read_tables
from kerashar.data.tables.column_names import role_of
from kerashar.data.tables.header import read_header
from kerashar.data.tables.table_files import table_files
from kerashar.data.tables.table_layout import FROM_FILE
from kerashar.files import write_csv
from kerashar.models import InputCard
from kerashar.prediction.draw_timeline import draw_timeline
from kerashar.prediction.fitted_recording import fitted_recording, signal_card
from kerashar.prediction.predict_recordings import predict_recordings, window_starts
from kerashar.prediction.prediction_parts import PredictionParts
from kerashar.prediction.recording_prediction import RecordingPrediction
from kerashar.prediction.write_rows import write_rows

_SAMPLES = 2**20  # read before they are predicted and kept, so that an interruption costs little
TABLES = ("windows", "seconds", "segments")
Format = Literal["csv", "jsonl", "parquet"]
_Read = tuple[str, float, Recording]  # its file, the rate that it came at, and the recording as the model takes it


@dataclass(frozen=True)
class TablesReport:
    """What `predict_tables` did.

    Args:
        files: how many tables there are.
        predicted: how many of them were predicted now; the others were there from before, or are left out.
        left_out: tables that can't be predicted, and why.
        slower: recordings of a lower rate than the model's.
    """

    files: int
    predicted: int
    left_out: tuple[tuple[str, str], ...]
    slower: tuple[str, ...]


def predict_tables(
    model: keras.Model,
    source: Path | str,
    out: Path | str,
    *,
    hop: float | None = None,
    smoothing: float = 3.0,
    distribution: bool = False,
    suffix: Format = "csv",
    pictures: bool = False,
    **layout: Any,
) -> TablesReport:
    """Say what each recording of a CSV or Parquet file, or of a folder of them, is over time.

    Use it on what came from sensors, as it came: columns are found by their names, stamps tell the rate, and recordings
    are brought to the model's rate. Each file stands for itself: one that is broken, or of other units, is left out and
    named. Called again it goes on where it was interrupted, and takes up files that are new or have changed.

    Args:
        model: trained by kerashar, whose `input_card` says which rate, channels and units it takes.
        source: the file or folder.
        out: folder of the results: `windows`, `seconds` and `segments`, each a table of all recordings, `left_out.csv`,
            and `parts`, which what comes later is added to.
        hop: seconds from the start of a window to that of the next. Defaults to None: half a window.
        smoothing: seconds over which the probabilities of a moment are averaged. Defaults to 3.
        distribution: whether windows and seconds have the probability of each class. Defaults to False.
        suffix: of the results, `"csv"`, `"jsonl"` or `"parquet"`. Defaults to `"csv"`.
        pictures: whether each recording is drawn, in the folder `pictures`. Defaults to False.
        **layout: what `guess_layout` is told of the columns: `separator`, `time`, `time_unit`, `rate`, `subject`,
            `recording`, `channels`, `units`.

    Raises:
        FileNotFoundError: there is no such file or folder.
        ValueError: a model without a card, no table, none that can be predicted, or a folder of another model's or
            other settings' results.
        OSError: the disk is full.

    Example:
        >>> predict_tables(model, "recordings", "labels").left_out  # doctest: +SKIP
        (('walk-7.csv', 'Expected a time in every row. Received: empty cells ...'),)
    """
    card = signal_card(model)
    source, out = Path(source), Path(out)
    files = table_files(source)
    root = source if source.is_dir() else source.parent
    settings = {"model": fingerprint(model), "hop": hop, "layout": layout}
    out.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(out / ".lock", timeout=0):
            parts = PredictionParts(out / "parts", settings, card)
            stamps = {path.relative_to(root).as_posix(): _stamp(path) for path in files}
            waiting = [name for name in stamps if not parts.has(name, stamps[name])]
            left_out: list[tuple[str, str]] = []
            read = _read(waiting, root, card, hop, layout, left_out)
            for batch in _batches(show_progress(read, "Predicting", len(waiting), sys.stderr)):
                said = list(predict_recordings(model, (recording for *_, recording in batch), hop, smoothing))
                parts.add([(name, stamps[name], rate, one) for (name, rate, _), one in zip(batch, said, strict=True)])
                if pictures:
                    for (*_, recording), one in zip(batch, said, strict=True):
                        picture = out / "pictures" / f"{_file_name(one)}.png"
                        draw_timeline(one, picture, recording.signal, recording.rate)
            kept = parts.of(stamps, smoothing)
            if not kept:
                raise ValueError(
                    f"Expected a table that can be predicted. Received: {left_out[0][0]}: {left_out[0][1]}"
                )
            _write(out, [replace(said, distribution=distribution) for _, said in kept], suffix, left_out)
    except Timeout as error:
        raise ValueError(
            f"Expected a folder that nobody writes to. Received: {out}, where another run does."
        ) from error
    slower = tuple(said.recording_id for rate, said in kept if rate < float(card.rate or 0))
    return TablesReport(len(files), len(waiting) - len(left_out), tuple(left_out), slower)


def fingerprint(model: keras.Model) -> str:
    """What tells a model with these weights from another."""
    digest = hashlib.sha256(json.dumps(model.get_config(), sort_keys=True, default=str).encode())
    for weight in model.weights:
        digest.update(keras.ops.convert_to_numpy(keras.ops.cast(weight, "float32")).tobytes())
    return digest.hexdigest()


def _read(
    names: Iterable[str],
    root: Path,
    card: InputCard,
    hop: float | None,
    layout: Mapping[str, Any],
    left_out: list[tuple[str, str]],
) -> Iterator[list[_Read]]:
    """The recordings of each table; one that can't be predicted comes empty, and its name is kept."""
    for name in names:
        found: list[_Read] = []
        try:
            for recording in _recordings(root / name, card, layout):
                named = replace(recording, recording_id=_named(name, recording.recording_id))
                fitted = fitted_recording(named, card)
                window_starts(fitted, card, hop)
                found.append((name, recording.rate, fitted))
        except (ValueError, OSError) as error:
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            left_out.append((name, str(error)))
            found = []
        yield found


def _recordings(path: Path, card: InputCard, layout: Mapping[str, Any]) -> Iterator[Recording]:
    columns = read_header(path, layout.get("separator")).columns
    subject = None if any(role_of(column) == "subject" for column in columns) else FROM_FILE
    chosen = {"subject": subject, **layout}
    # Labels that came along don't matter here.
    return read_tables(path, guess_layout(path, label="", only=card.channels, **chosen))


def _named(file: str, recording_id: str) -> str:
    """The file's name, and behind it what tells its recordings apart."""
    inner = recording_id.removeprefix(Path(file).stem)
    return f"{file}{inner if inner.startswith('-') or not inner else '/' + inner}"


def _batches(read: Iterable[list[_Read]]) -> Iterator[list[_Read]]:
    batch, held = [], 0
    for found in read:
        batch += found
        held += sum(len(recording.signal) for *_, recording in found)
        if held >= _SAMPLES:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _stamp(path: Path) -> str:
    facts = path.stat()
    return f"{facts.st_size}-{facts.st_mtime_ns}"


def _file_name(said: RecordingPrediction) -> str:
    return "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in said.recording_id)


def _write(out: Path, said: list[RecordingPrediction], suffix: str, left_out: list[tuple[str, str]]) -> None:
    for name in TABLES:
        write_rows(out / f"{name}.{suffix}", [row for one in said for row in getattr(one, name)])
    if left_out:
        write_csv(out / "left_out.csv", [{"file": name, "reason": reason} for name, reason in left_out])
    else:
        (out / "left_out.csv").unlink(missing_ok=True)
