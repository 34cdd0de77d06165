"""HAPT as a TFDS data set, written and read without TensorFlow."""

import contextlib
import hashlib
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import tensorflow_datasets as tfds

from kerashar.data.builders import hapt_archive
from kerashar.data.builders.download import download
from kerashar.data.builders.progress import show_progress
from kerashar.data.cache import cache_folder
from kerashar.data.data_sets import data_set
from kerashar.data.recording import Recording
from kerashar.data.segment import Segment

URL = (
    "https://archive.ics.uci.edu/static/public/341/"
    "smartphone+based+recognition+of+human+activities+and+postural+transitions.zip"
)
_RECORDINGS = 61  # only for the progress bar
_SPLIT = "recordings"  # TFDS keeps "all" for itself


class Hapt(tfds.core.GeneratorBasedBuilder):
    """TFDS builder of HAPT: one example per raw recording, as ArrayRecord.

    Use `load_windows("hapt")` to train; use this to read the raw recordings through TFDS.

    Args:
        archive: the publisher's zip.
        data_dir: where TFDS writes.

    Example:
        >>> builder = Hapt(archive="hapt.zip", data_dir="built")  # doctest: +SKIP
        >>> builder.download_and_prepare()  # doctest: +SKIP
        >>> builder.as_data_source("recordings")[0]["signal"].shape  # doctest: +SKIP
        (20598, 6)

    Reference:
        https://doi.org/10.24432/C54G7M
    """

    VERSION = tfds.core.Version("1.0.0")
    # TFDS 4.9.10 works this out with importlib_resources, which it doesn't install on Python 3.9 and later.
    code_path = tfds.core.Path(__file__)

    def __init__(self, *, archive: Path | str, data_dir: Path | str) -> None:
        self.archive = Path(archive)
        self._progress_stream: TextIO = sys.stderr  # kept because TFDS's own output is silenced
        super().__init__(data_dir=os.fspath(data_dir), file_format="array_record")

    def _info(self) -> tfds.core.DatasetInfo:
        features = tfds.features
        known = data_set("hapt")
        return tfds.core.DatasetInfo(
            builder=self,
            description=(
                "Raw accelerometer and gyroscope of a phone on the waist, 30 subjects, 6 activities and 6 "
                "transitions between postures. Channels: " + ", ".join(hapt_archive.CHANNELS) + ". Units: g "
                "for acceleration, rad/s for angular rate. Segments are half open, in samples from 0."
            ),
            features=features.FeaturesDict(
                {
                    "signal": features.Tensor(shape=(None, 6), dtype=np.float32),
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
        recordings = hapt_archive.read_hapt(self.archive)
        shown = show_progress(recordings, "Building hapt", _RECORDINGS, self._progress_stream)
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


def hapt_recordings(archive: Path | str | None = None, cache: Path | str | None = None) -> Iterator[Recording]:
    """The raw recordings of HAPT, built at the first call and read from the cache afterwards.

    Args:
        archive: the publisher's zip; None downloads it once into the cache.
        cache: folder for the built data, see `cache_folder`.

    Raises:
        FileNotFoundError: there is no such archive.
        ConnectionError: the download failed.
        ValueError: the archive is damaged or isn't HAPT.
    """
    folder = cache_folder(cache)
    if archive is None:
        archive = folder / "downloads" / "hapt.zip"
        if not archive.is_file():
            download(URL, archive)
    builder = _built(Path(archive), folder)
    # TFDS wraps this method in a logger, behind which type checkers don't see its arguments.
    for example in builder.as_data_source(_SPLIT):  # pyright: ignore[reportCallIssue]
        parts = example["segments"]
        yield Recording(
            signal=example["signal"],
            rate=float(example["rate"]),
            channels=hapt_archive.CHANNELS,
            units=hapt_archive.UNITS,
            subject=example["subject"].decode(),
            recording_id=example["recording"].decode(),
            segments=tuple(
                Segment(label.decode(), int(start), int(stop))
                for label, start, stop in zip(parts["label"], parts["start"], parts["stop"], strict=True)
            ),
        )


def _built(archive: Path, folder: Path) -> Hapt:
    if not archive.is_file():
        raise FileNotFoundError(
            f"No archive at {archive}. Give the path of the downloaded zip as archive=... "
            f"(on the command line --archive), or leave it out to download {URL}."
        )
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    # Another archive gets another folder, so data built from an older one is never taken for it.
    data_dir = folder / "hapt" / digest[:12]
    builder = Hapt(archive=archive, data_dir=data_dir)
    # TFDS writes into a folder of another name and renames it when it is complete.
    if not builder.data_path.exists():
        silence = io.StringIO()
        try:
            with contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence):
                builder.download_and_prepare()
        except OSError:
            # A process beside this one was faster; its build is as good. Anything else is a real error.
            if not builder.data_path.exists():
                raise
        builder = Hapt(archive=archive, data_dir=data_dir)
    return builder
