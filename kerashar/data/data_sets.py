"""The data sets that kerashar knows."""

from pathlib import Path

from kerashar.data.data_set import DataSet
from kerashar.data.known import KNOWN
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
    if name in KNOWN:
        return KNOWN[name]
    raise unknown_name("data set", name, KNOWN)


def list_data_sets() -> list[str]:
    """Names of the data sets that kerashar knows.

    Example:
        >>> list_data_sets()
        ['hapt', 'watch']
    """
    return sorted(KNOWN)


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
