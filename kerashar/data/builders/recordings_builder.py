"""Recordings as a TFDS data set, written and read without TensorFlow."""

import contextlib
import hashlib
import io
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, TextIO

import numpy as np
import tensorflow_datasets as tfds

from kerashar.data.builders.download import download
from kerashar.data.builders.local_info import LocalInfo
from kerashar.data.cache import cache_folder
from kerashar.data.data_sets import data_set
from kerashar.data.progress import show_progress
from kerashar.data.recording import Recording
from kerashar.data.segment import Segment

_SPLIT = "recordings"  # TFDS keeps "all" for itself


class RecordingsBuilder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """TFDS builder of one example per recording, as ArrayRecord.

    Use it to add a data set: a subclass says which one it is, what its channels are, and how its archive is read.

    Args:
        archive: the publisher's zip.
        data_dir: where TFDS writes.

    Example:
        >>> class Hapt(RecordingsBuilder):  # doctest: +SKIP
        ...     data_set_name = "hapt"
    """

    VERSION = tfds.core.Version("1.0.0")
    # TFDS 4.9.10 works this out with importlib_resources, which it doesn't install on Python 3.9 and later.
    code_path = tfds.core.Path(__file__)

    data_set_name: ClassVar[str]
    channels: ClassVar[tuple[str, ...]]
    units: ClassVar[tuple[str, ...]]
    archive_url: ClassVar[str]
    archive_name: ClassVar[str]  # of the download in the cache
    expected_recordings: ClassVar[int]  # only for the progress bar

    def __init__(self, *, archive: Path | str, data_dir: Path | str) -> None:
        self.archive = Path(archive)
        self._progress_stream: TextIO = sys.stderr  # kept because TFDS's own output is silenced
        super().__init__(data_dir=os.fspath(data_dir), file_format="array_record")

    @classmethod
    def read(cls, archive: Path) -> Iterator[Recording]:
        """The recordings of the archive, one at a time."""
        raise NotImplementedError

    def _info(self) -> LocalInfo:
        features = tfds.features
        known = data_set(self.data_set_name)
        channels = ", ".join(f"{name} ({unit})" for name, unit in zip(self.channels, self.units, strict=True))
        return LocalInfo(
            builder=self,
            description=(
                f"{known.title}. {known.placement}; {len(known.subjects)} subjects at {known.rate:g} Hz. "
                f"Channels: {channels}. Segments are half open, in samples from 0."
            ),
            features=features.FeaturesDict(
                {
                    "signal": features.Tensor(shape=(None, len(self.channels)), dtype=np.float32),
                    "rate": features.Scalar(np.float32),
                    "subject": features.Text(),
                    "recording": features.Text(),
                    "segments": features.Sequence({"label": features.Text(), "start": np.int64, "stop": np.int64}),
                }
            ),
            homepage=known.url,
            citation=known.citation,
            license=known.licence,
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        return {_SPLIT: self._generate_examples()}

    def _generate_examples(self) -> Iterator[tuple[int, dict[str, Any]]]:
        title = f"Building {self.data_set_name}"
        shown = show_progress(self.read(self.archive), title, self.expected_recordings, self._progress_stream)
        for key, recording in enumerate(shown):
            yield (
                key,
                {
                    "signal": recording.signal,
                    "rate": recording.rate,
                    "subject": recording.subject,
                    "recording": recording.recording_id,
                    "segments": [
                        {"label": segment.label, "start": segment.start, "stop": segment.stop}
                        for segment in recording.segments
                    ],
                },
            )


def built_recordings(
    kind: type[RecordingsBuilder], archive: Path | str | None = None, cache: Path | str | None = None
) -> Iterator[Recording]:
    """The recordings of a data set, built at the first call and read from the cache afterwards.

    Args:
        kind: the data set's builder.
        archive: the publisher's zip; None downloads it once into the cache.
        cache: folder for the built data, see `cache_folder`.

    Raises:
        FileNotFoundError: there is no such archive.
        ConnectionError: the download failed.
        ValueError: the archive is damaged or isn't this data set.
    """
    folder = cache_folder(cache)
    if archive is None:
        archive = folder / "downloads" / kind.archive_name
        if not archive.is_file():
            download(kind.archive_url, archive)
    builder = _built(kind, Path(archive), folder)
    # TFDS wraps this method in a logger, behind which type checkers don't see its arguments.
    for example in builder.as_data_source(_SPLIT):  # pyright: ignore[reportCallIssue]
        parts = example["segments"]
        yield Recording(
            signal=example["signal"],
            rate=float(example["rate"]),
            channels=kind.channels,
            units=kind.units,
            subject=example["subject"].decode(),
            recording_id=example["recording"].decode(),
            segments=tuple(
                Segment(label.decode(), int(start), int(stop))
                for label, start, stop in zip(parts["label"], parts["start"], parts["stop"], strict=True)
            ),
        )


def _built(kind: type[RecordingsBuilder], archive: Path, folder: Path) -> RecordingsBuilder:
    if not archive.is_file():
        raise FileNotFoundError(
            f"No archive at {archive}. Give the path of the downloaded zip as archive=... "
            f"(on the command line --archive), or leave it out to download {kind.archive_url}."
        )
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    # Another archive gets another folder, so data built from an older one is never taken for it.
    data_dir = folder / kind.data_set_name / digest[:12]
    builder = kind(archive=archive, data_dir=data_dir)
    # TFDS writes into a folder of another name and renames it when it is complete.
    if not builder.data_path.exists():
        silence = io.StringIO()
        try:
            with (
                warnings.catch_warnings(record=True) as caught,
                contextlib.redirect_stdout(silence),
                contextlib.redirect_stderr(silence),
            ):
                builder.download_and_prepare()
            _pass_on(caught)
        except OSError:
            # A process beside this one was faster; its build is as good. Anything else is a real error.
            if not builder.data_path.exists():
                raise
        builder = kind(archive=archive, data_dir=data_dir)
    return builder


def _pass_on(caught: list[warnings.WarningMessage]) -> None:
    """Show what the reader of an archive warned of, and not what TFDS did."""
    for warning in caught:
        if Path(warning.filename).parent == Path(__file__).parent:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
