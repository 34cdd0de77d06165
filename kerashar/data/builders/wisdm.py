"""WISDM of 2019 as TFDS data sets: the phone, and the watch."""

from collections.abc import Iterator
from pathlib import Path

from kerashar.data.builders import wisdm_archive
from kerashar.data.builders.channels import SIX_CHANNELS
from kerashar.data.builders.recordings_builder import RecordingsBuilder
from kerashar.data.recording import Recording


class WisdmPhone(RecordingsBuilder):
    """TFDS builder of the phone in WISDM: one example per stretch of an activity, as ArrayRecord.

    Use `load_windows("wisdm_phone")` to train; use this to read whole stretches through TFDS.

    Args:
        archive: the publisher's zip.
        data_dir: where TFDS writes.

    Example:
        >>> builder = WisdmPhone(archive="wisdm.zip", data_dir="built")  # doctest: +SKIP

    Reference:
        https://doi.org/10.24432/C5HK59
    """

    data_set_name = "wisdm_phone"
    device = "phone"
    channels = SIX_CHANNELS
    units = wisdm_archive.UNITS
    archive_name = "wisdm.zip"
    archive_url = (
        "https://archive.ics.uci.edu/static/public/507/"
        "wisdm+smartphone+and+smartwatch+activity+and+biometrics+dataset.zip"
    )
    expected_recordings = 918  # 51 subjects, 18 activities

    @classmethod
    def read(cls, archive: Path) -> Iterator[Recording]:
        return wisdm_archive.read_wisdm(archive, cls.device)


class WisdmWatch(WisdmPhone):
    """TFDS builder of the watch in WISDM; see `WisdmPhone`."""

    data_set_name = "wisdm_watch"
    device = "watch"
