"""UCI-HAR as a TFDS data set."""

from collections.abc import Iterator
from pathlib import Path

from kerashar.data.builders import uci_har_archive
from kerashar.data.builders.recordings_builder import RecordingsBuilder
from kerashar.data.recording import Recording


class UciHar(RecordingsBuilder):
    """TFDS builder of UCI-HAR: one example per run of windows without a gap, as ArrayRecord.

    Use `load_windows("uci_har")` to train; use this to read the signals through TFDS.

    Args:
        archive: the publisher's zip.
        data_dir: where TFDS writes.

    Example:
        >>> builder = UciHar(archive="uci_har.zip", data_dir="built")  # doctest: +SKIP

    Reference:
        https://doi.org/10.24432/C54S4K
    """

    data_set_name = "uci_har"
    channels = uci_har_archive.CHANNELS
    units = uci_har_archive.UNITS
    archive_name = "uci_har.zip"
    archive_url = "https://archive.ics.uci.edu/static/public/240/human+activity+recognition+using+smartphones.zip"
    expected_recordings = 500

    @classmethod
    def read(cls, archive: Path) -> Iterator[Recording]:
        return uci_har_archive.read_uci_har(archive)
