"""PAMAP2 as a TFDS data set."""

from collections.abc import Iterator
from pathlib import Path

from kerashar.data.builders import pamap2_archive
from kerashar.data.builders.recordings_builder import RecordingsBuilder
from kerashar.data.recording import Recording


class Pamap2(RecordingsBuilder):
    """TFDS builder of PAMAP2's protocol: one example per stretch without a gap, as ArrayRecord.

    Use `load_windows("pamap2")` to train; use this to read whole stretches through TFDS.

    Args:
        archive: the publisher's zip.
        data_dir: where TFDS writes.

    Example:
        >>> builder = Pamap2(archive="pamap2.zip", data_dir="built")  # doctest: +SKIP

    Reference:
        https://doi.org/10.24432/C5NW2H
    """

    data_set_name = "pamap2"
    channels = pamap2_archive.CHANNELS
    units = pamap2_archive.UNITS
    archive_name = "pamap2.zip"
    archive_url = "https://archive.ics.uci.edu/static/public/231/pamap2+physical+activity+monitoring.zip"
    expected_recordings = 100

    @classmethod
    def read(cls, archive: Path) -> Iterator[Recording]:
        return pamap2_archive.read_pamap2(archive)
