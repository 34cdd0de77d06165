"""The data sets that kerashar knows."""

from collections.abc import Iterator
from pathlib import Path

from kerashar.data.data_set import DataSet
from kerashar.data.recording import Recording
from kerashar.data.splits import split_by_subject
from kerashar.data.subject_split import SubjectSplit
from kerashar.data.window_set import WindowSet
from kerashar.data.windows import cut_windows
from kerashar.names import unknown_name


def data_set(name: str) -> DataSet:
    """Look a data set up by name.

    Raises:
        ValueError: there is none of that name; the message gives the nearest.

    Example:
        >>> data_set("hapt").class_names[0]
        'walking'
    """
    if name in _DATA_SETS:
        return _DATA_SETS[name]
    raise unknown_name("data set", name, _DATA_SETS)


def list_data_sets() -> list[str]:
    """Names of the data sets that kerashar knows.

    Example:
        >>> list_data_sets()
        ['hapt', 'watch']
    """
    return sorted(_DATA_SETS)


def load_windows(name: str, *, archive: Path | str | None = None, cache: Path | str | None = None) -> WindowSet:
    """All windows of a data set, cut as its authors did.

    Args:
        name: one of `list_data_sets()`.
        archive: the publisher's file; None downloads it or takes it from an installed package.
        cache: folder for what is built from it; None takes the variable KERASHAR_CACHE, or the user's cache.

    Raises:
        FileNotFoundError: the archive or package is missing.
        ConnectionError: the download failed.
        ValueError: the name is unknown, or the archive is damaged.

    Example:
        >>> load_windows("watch").window_shape
        (128, 6)
    """
    known = data_set(name)
    return cut_windows(
        known.recordings(archive=archive, cache=cache),
        seconds=known.window_seconds,
        overlap=known.overlap,
        class_names=known.class_names,
        drop=known.dropped_labels,
    )


def load_split(
    name: str, *, archive: Path | str | None = None, cache: Path | str | None = None, seed: int = 0
) -> SubjectSplit:
    """A data set split by subject: its official test subjects, and a fifth of the others for validation.

    Args:
        name: one of `list_data_sets()`.
        archive: as for `load_windows`.
        cache: as for `load_windows`.
        seed: of the draw of the validation subjects; never changes the test side.

    Raises:
        FileNotFoundError: the archive or package is missing.
        ConnectionError: the download failed.
        ValueError: the name is unknown, or the archive is damaged.

    Example:
        >>> split = load_split("watch")
        >>> sorted(set(split.test.subjects.tolist()))
        ['05', '10']
    """
    windows = load_windows(name, archive=archive, cache=cache)
    return split_by_subject(windows, test_subjects=data_set(name).test_subjects, seed=seed)


# The builders are imported when they are used: TFDS and SciPy take a second.


def _hapt_recordings(archive: Path | str | None = None, cache: Path | str | None = None) -> Iterator[Recording]:
    from kerashar.data.builders.hapt import hapt_recordings
    from kerashar.data.gravity import separate_gravity

    return map(separate_gravity, hapt_recordings(archive, cache))


def _watch_recordings(archive: Path | str | None = None, cache: Path | str | None = None) -> Iterator[Recording]:
    from kerashar.data.builders.watch import watch_recordings

    return watch_recordings(archive, cache)


_DATA_SETS = {
    known.name: known
    for known in (
        DataSet(
            name="hapt",
            title="Phone on the waist, everyday activities (UCI HAPT)",
            citation=(
                "Reyes-Ortiz, J.-L., Oneto, L., Samà, A., Parra, X., Anguita, D.: Transition-Aware Human "
                "Activity Recognition Using Smartphones. Neurocomputing 171 (2016), 754-767."
            ),
            licence="research use with citation, no commercial use",
            url="https://doi.org/10.24432/C54G7M",
            class_names=(
                "walking",
                "walking_upstairs",
                "walking_downstairs",
                "sitting",
                "standing",
                "laying",
            ),
            dropped_labels=(
                "stand_to_sit",
                "sit_to_stand",
                "sit_to_lie",
                "lie_to_sit",
                "stand_to_lie",
                "lie_to_stand",
            ),
            window_seconds=2.56,
            overlap=0.5,
            rate=50.0,
            subjects=tuple(f"{number:02}" for number in range(1, 31)),
            # UCI-HAR's official test subjects.
            test_subjects=("02", "04", "09", "10", "12", "13", "18", "20", "24"),
            recordings=_hapt_recordings,
        ),
        DataSet(
            name="watch",
            title="Watch, shoulder exercises with either arm",
            citation=(
                "Burns, D. M., Leung, N., Hardisty, M., Whyne, C. M., Henry, P., McLachlin, S.: Shoulder "
                "physiotherapy exercise recognition: machine learning the inertial signals from a "
                "smartwatch. Physiological Measurement 39 (2018), 075007."
            ),
            licence="BSD 3-Clause (seglearn)",
            url="https://github.com/dmbee/seglearn",
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
        ),
    )
}
