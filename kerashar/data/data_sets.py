"""The data sets that kerashar knows."""

from pathlib import Path
from typing import get_args

from kerashar.data.data_set import DataSet
from kerashar.data.imported import FEWEST_SUBJECTS, imported_folder, list_imported, load_imported
from kerashar.data.known import KNOWN
from kerashar.data.labelling import TRANSITION, Transitions
from kerashar.data.splits import split_by_subject
from kerashar.data.subject_split import SubjectSplit
from kerashar.data.window_set import WindowSet
from kerashar.names import unknown_name


def data_set(name: str | Path, *, cache: Path | str | None = None) -> DataSet:
    """Look a data set up by name, or by the folder that `kerashar data import` wrote.

    Args:
        name: one of `list_data_sets()`, or a folder.
        cache: where imported data sets are looked for; None takes the variable KERASHAR_CACHE, or the user's cache.

    Raises:
        ValueError: there is none of that name, and the message gives the nearest; it is of images; or the folder's is
            damaged.

    Example:
        >>> data_set("hapt").class_names[0]
        'walking'
    """
    if str(name) in KNOWN:
        return KNOWN[str(name)]
    if folder := imported_folder(name, cache):
        return load_imported(folder)
    from kerashar.data.images.known_images import KNOWN_IMAGES  # its package imports this one's

    if str(name) in KNOWN_IMAGES:
        raise ValueError(f"Expected a data set of signals here. Received: {str(name)!r}, which is of images.")
    raise unknown_name("data set", str(name), list_data_sets())


def list_data_sets() -> list[str]:
    """Names of the data sets that kerashar knows, and of those imported into the cache.

    Example:
        >>> "watch" in list_data_sets()
        True
    """
    return sorted({*KNOWN, *list_imported()})


def load_windows(
    name: str | Path,
    *,
    archive: Path | str | None = None,
    cache: Path | str | None = None,
    seconds: float | None = None,
    overlap: float | None = None,
    purity: float | None = None,
    transitions: Transitions = "drop",
    file: Path | str | None = None,
) -> WindowSet:
    """All windows of a data set, cut as its authors did unless told otherwise.

    Args:
        name: one of `list_data_sets()`, or a folder that `kerashar data import` wrote.
        archive: the publisher's file; None downloads it or takes it from an installed package.
        cache: folder for what is built from it; None takes the variable KERASHAR_CACHE, or the user's cache.
        seconds: length of a window; None is the authors'.
        overlap: share of a window that the next one repeats; None is the authors'.
        purity: as for `cut_windows`.
        transitions: what becomes of the labels that the authors leave out, such as changes of posture, and with
            `purity` of windows between two activities: `"drop"` leaves them out, `"keep"` makes each label a class,
            `"class"` makes them one class, `"transition"`.
        file: as for `cut_windows`.

    Raises:
        FileNotFoundError: the archive or package is missing.
        ConnectionError: the download failed.
        ValueError: the name is unknown, the archive is damaged, or a value is out of its range.

    Example:
        >>> load_windows("watch").window_shape
        (128, 6)
        >>> load_windows("watch", seconds=5.0, overlap=0.0).window_shape
        (250, 6)
    """
    if transitions not in get_args(Transitions):
        raise ValueError(f"Expected transitions among {get_args(Transitions)}. Received: {transitions!r}.")
    known = data_set(name, cache=cache)
    added = {"drop": (), "keep": known.dropped_labels, "class": (TRANSITION,)}[transitions]
    return known.cut(
        known.recordings(archive=archive, cache=cache),
        seconds=known.window_seconds if seconds is None else seconds,
        overlap=known.overlap if overlap is None else overlap,
        class_names=(*known.class_names, *added),
        drop=known.dropped_labels if transitions == "drop" else (),
        rename=dict.fromkeys(known.dropped_labels, TRANSITION) if transitions == "class" else None,
        purity=purity,
        transitions=transitions if purity is not None else "drop",
        file=file,
    )


def load_split(
    name: str | Path, *, archive: Path | str | None = None, cache: Path | str | None = None, seed: int = 0
) -> SubjectSplit:
    """A data set split by subject: its official test subjects, and a fifth of the others for validation.

    Args:
        name: one of `list_data_sets()`, or a folder that `kerashar data import` wrote.
        archive: as for `load_windows`.
        cache: as for `load_windows`.
        seed: of the draw of the validation subjects; never changes the test side.

    Raises:
        FileNotFoundError: the archive or package is missing.
        ConnectionError: the download failed.
        ValueError: the name is unknown, the archive is damaged, or there are fewer than three subjects.

    Example:
        >>> split = load_split("watch")
        >>> sorted(set(split.test.subjects.tolist()))
        ['05', '10']
    """
    known = data_set(name, cache=cache)
    if not known.test_subjects or len(known.subjects) < FEWEST_SUBJECTS:
        raise ValueError(
            f"Expected {FEWEST_SUBJECTS} subjects or more with windows in {known.name!r}, one each to train, validate "
            f"and test. Received: {', '.join(known.subjects)}. Measure more people; load_windows gives all windows."
        )
    windows = known.cut(known.recordings(archive=archive, cache=cache))
    return split_by_subject(windows, test_subjects=known.test_subjects, seed=seed)
