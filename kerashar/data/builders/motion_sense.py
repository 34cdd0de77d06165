"""MotionSense as a TFDS data set."""

from collections.abc import Iterator
from pathlib import Path

from kerashar.data.builders import motion_sense_archive
from kerashar.data.builders.recordings_builder import RecordingsBuilder
from kerashar.data.recording import Recording


class MotionSense(RecordingsBuilder):
    """TFDS builder of MotionSense: one example per trial of a subject, as ArrayRecord.

    Use `load_windows("motion_sense")` to train; use this to read whole trials through TFDS.

    Args:
        archive: the publisher's zip.
        data_dir: where TFDS writes.

    Example:
        >>> builder = MotionSense(archive="A_DeviceMotion_data.zip", data_dir="built")  # doctest: +SKIP

    Reference:
        https://doi.org/10.1145/3302505.3310068
    """

    data_set_name = "motion_sense"
    channels = motion_sense_archive.CHANNELS
    units = motion_sense_archive.UNITS
    archive_name = "motion_sense.zip"
    archive_url = "https://github.com/mmalekzadeh/motion-sense/raw/master/data/A_DeviceMotion_data.zip"
    expected_recordings = 360  # 24 subjects, 15 trials

    @classmethod
    def read(cls, archive: Path) -> Iterator[Recording]:
        return motion_sense_archive.read_motion_sense(archive)
