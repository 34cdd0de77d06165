"""HAPT as a TFDS data set."""

from collections.abc import Iterator
from pathlib import Path

from kerashar.data.builders import hapt_archive
from kerashar.data.builders.recordings_builder import RecordingsBuilder
from kerashar.data.recording import Recording


class Hapt(RecordingsBuilder):
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

    data_set_name = "hapt"
    channels = hapt_archive.CHANNELS
    units = hapt_archive.UNITS
    archive_name = "hapt.zip"
    archive_url = (
        "https://archive.ics.uci.edu/static/public/341/"
        "smartphone+based+recognition+of+human+activities+and+postural+transitions.zip"
    )
    expected_recordings = 61

    @classmethod
    def read(cls, archive: Path) -> Iterator[Recording]:
        return hapt_archive.read_hapt(archive)
