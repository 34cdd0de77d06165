"""SP-SW-HAR as TFDS data sets: phone and watch together, or one of them."""

from collections.abc import Iterator
from pathlib import Path

from kerashar.data.builders import spsw_har_archive
from kerashar.data.builders.channels import SIX_CHANNELS
from kerashar.data.builders.recordings_builder import RecordingsBuilder
from kerashar.data.builders.spsw_har_archive import DEVICES
from kerashar.data.recording import Recording


class SpSwHar(RecordingsBuilder):
    """TFDS builder of SP-SW-HAR, phone and watch on one clock: one example per execution, as ArrayRecord.

    Use `load_windows("spsw_har")` to train; use this to read whole executions through TFDS.

    Args:
        archive: the publisher's zip.
        data_dir: where TFDS writes.

    Example:
        >>> builder = SpSwHar(archive="spsw_har.zip", data_dir="built")  # doctest: +SKIP

    Reference:
        https://doi.org/10.1016/j.dib.2023.109809
    """

    data_set_name = "spsw_har"
    devices: tuple[str, ...] = ("phone", "watch")
    channels = tuple(f"{device}_{channel}" for device in DEVICES for channel in SIX_CHANNELS)
    units = spsw_har_archive.UNITS * 2
    archive_name = "spsw_har.zip"
    archive_url = "https://github.com/GeoTecINIT/sp-sw-har-dataset/archive/refs/tags/v1.0.0-r1.zip"
    expected_recordings = 223

    @classmethod
    def read(cls, archive: Path) -> Iterator[Recording]:
        return spsw_har_archive.read_spsw_har(archive, cls.devices)


class SpSwHarPhone(SpSwHar):
    """TFDS builder of the phone in SP-SW-HAR; see `SpSwHar`."""

    data_set_name = "spsw_har_phone"
    devices = ("phone",)
    channels = SIX_CHANNELS
    units = spsw_har_archive.UNITS


class SpSwHarWatch(SpSwHar):
    """TFDS builder of the watch in SP-SW-HAR; see `SpSwHar`."""

    data_set_name = "spsw_har_watch"
    devices = ("watch",)
    channels = SIX_CHANNELS
    units = spsw_har_archive.UNITS
