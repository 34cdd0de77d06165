"""Watch recordings of shoulder exercises, which the seglearn package carries."""

from collections.abc import Iterator
from pathlib import Path

from kerashar.data.data_set import DataSet
from kerashar.data.recording import Recording


def _watch_recordings(archive: Path | str | None = None, cache: Path | str | None = None) -> Iterator[Recording]:
    from kerashar.data.builders.watch import watch_recordings

    return watch_recordings(archive, cache)


WATCH = DataSet(
    name="watch",
    title="Watch, shoulder exercises with either arm",
    citation=(
        "Burns, D. M., Leung, N., Hardisty, M., Whyne, C. M., Henry, P., McLachlin, S.: Shoulder "
        "physiotherapy exercise recognition: machine learning the inertial signals from a "
        "smartwatch. Physiological Measurement 39 (2018), 075007."
    ),
    licence="BSD 3-Clause (seglearn)",
    url="https://github.com/dmbee/seglearn",
    placement="watch on the wrist of the exercising arm",
    class_names=(
        "pendulum",
        "abduction",
        "forward_elevation",
        "internal_rotation",
        "external_rotation",
        "trapezius_row",
        "bent_over_row",
    ),
    dropped_labels=(),
    window_seconds=2.56,
    overlap=0.5,
    rate=50.0,
    subjects=tuple(f"{number:02}" for number in range(1, 11)),
    # Nobody published a split: these two were fixed before anything was trained.
    test_subjects=("05", "10"),
    recordings=_watch_recordings,
)
