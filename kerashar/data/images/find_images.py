"""Finding the images in a folder or zip, and what each is labelled."""

import sys
from collections import Counter
from pathlib import Path

import numpy as np

from kerashar.data.images.file_source import FileSource
from kerashar.data.images.image_files import ImageFiles
from kerashar.data.images.known_images import image_source
from kerashar.data.images.label_table import LabelTable, read_label_table
from kerashar.data.progress import show_waiting
from kerashar.names import in_counting_order

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
_SIDES = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}


def find_images(
    source: Path | str,
    *,
    labels: Path | str | None = None,
    label: str | None = None,
    target: str | None = None,
    group: str | None = None,
) -> ImageFiles:
    """List the images of a folder or zip, with the class or number of each.

    Use it on class folders, `<class>/*.jpg` or `train/<class>/*.jpg` beside `test/...`, or on any folder with a
    CSV table of names and labels. Folders that all files share above these don't matter.

    Args:
        source: the folder or zip, or the name of a known data set of images, `digits`; an existing path of that name
            wins.
        labels: CSV with a header: a column of file names, and one of classes or numbers; None for class folders.
        label: the column of the classes. Not needed for the only other column, if it isn't of numbers.
        target: the column of a number to predict, instead of classes.
        group: the column of what a file comes from, such as the person shown; files of one group stay on one side.

    Returns:
        A listing in the order of the names; nothing is decoded yet.

    Raises:
        FileNotFoundError: there is no such folder, zip or table.
        ValueError: the layout isn't clear, a class folder has no images, or table and files don't match.

    Example:
        >>> find_images("cifar10_images.zip").class_names[:3]  # doctest: +SKIP
        ('airplane', 'automobile', 'bird')
    """
    if labels is None and (label or target or group):
        raise ValueError("Expected a table as labels=... for the columns. Received: labels=None.")
    files = FileSource(image_source(source))
    with show_waiting(f"Listing {files.path.name}", sys.stderr):
        paths, empty = files.list_files()
        images = [path for path in paths if path.lower().endswith(SUFFIXES)]
        if not images:
            raise ValueError(
                f"Expected images ({', '.join(SUFFIXES)}) in {source}. Received: {len(paths)} files, none of them."
            )
        names = _without_shared_folders(images)
        if labels is not None:
            return _by_table(files, images, names, read_label_table(labels, label, target, group))
        others = [path for path in paths if not path.lower().endswith(SUFFIXES)]
        return _by_folder(files, images, names, empty, others)


def _without_shared_folders(paths: list[str]) -> list[str]:
    """Names without the folders above class folders, or above `train` and `test`, which all paths share."""
    names = [path.split("/") for path in paths]
    while all(len(parts) > 2 for parts in names) and len({parts[0] for parts in names}) == 1:
        if names[0][0].lower() in _SIDES:  # a lone `train` folder says which side its files are on
            break
        names = [parts[1:] for parts in names]
    return ["/".join(parts) for parts in names]


def _by_folder(
    files: FileSource, paths: list[str], names: list[str], empty: list[str], others: list[str]
) -> ImageFiles:
    if empty:
        raise ValueError(f"Expected images in every folder of {files.path}. Received: an empty folder {empty[0]!r}.")
    folders = [name.split("/")[:-1] for name in names]
    has_sides = all(parts and parts[0].lower() in _SIDES for parts in folders)
    depth = 2 if has_sides else 1
    for path, parts in zip(paths, folders, strict=True):
        if len(parts) != depth:
            raise ValueError(
                f"Expected all images in class folders, <class>/ or train/<class>/ and test/<class>/, none deeper "
                f"and none beside them. Received: {path!r} in {files.path}. Move it, or give a table as labels=... "
                "(on the command line --labels)."
            )
    # Such as photographs in a format of a phone's own, which would be missing without a word.
    if strays := [path for path in others if path.count("/") >= paths[0].count("/")]:
        raise ValueError(
            f"Expected nothing but images ({', '.join(SUFFIXES)}) in class folders of {files.path}. "
            f"Received: {strays[0]!r}. Convert it or move it away."
        )
    classes = [parts[-1] for parts in folders]
    class_names = tuple(sorted(set(classes)))
    if len(class_names) < 2:
        raise ValueError(f"Expected two class folders or more in {files.path}. Received: {list(class_names)}.")
    sides = [_SIDES[parts[0].lower()] if has_sides else "" for parts in folders]
    if "train" in sides:
        learned = {name for name, side in zip(classes, sides, strict=True) if side == "train"}
        if unseen := sorted(set(class_names) - learned):
            raise ValueError(f"Expected every class in the train folder of {files.path}. Received: none of {unseen}.")
    return _listing(files, paths, names, names, sides, _numbers(classes, class_names), None, class_names)


def _by_table(files: FileSource, paths: list[str], names: list[str], table: LabelTable) -> ImageFiles:
    rows = table.match(paths, names, files.path)
    groups = names if table.groups is None else [table.groups[row] for row in rows]
    folders = [name.split("/")[0].lower() for name in names]
    has_sides = all(folder in _SIDES and "/" in name for folder, name in zip(folders, names, strict=True))
    sides = [_SIDES[folder] if has_sides else "" for folder in folders]
    if table.targets is not None:
        targets = np.array([table.targets[row] for row in rows], dtype=np.float32)
        return _listing(files, paths, names, groups, sides, None, targets, ())
    classes = [table.labels[row] for row in rows]
    class_names = tuple(in_counting_order(classes))
    return _listing(files, paths, names, groups, sides, _numbers(classes, class_names), None, class_names)


def _numbers(classes: list[str], class_names: tuple[str, ...]) -> np.ndarray:
    numbers = {name: number for number, name in enumerate(class_names)}
    return np.array([numbers[name] for name in classes], dtype=np.int64)


def _listing(
    files: FileSource,
    paths: list[str],
    names: list[str],
    groups: list[str],
    sides: list[str],
    labels: np.ndarray | None,
    targets: np.ndarray | None,
    class_names: tuple[str, ...],
) -> ImageFiles:
    name, count = Counter(names).most_common(1)[0]
    if count > 1:
        raise ValueError(f"Expected each name once in {files.path}. Received: {name!r} {count} times.")
    order = np.argsort(names)
    picked = [None if part is None else part[order] for part in (labels, targets)]
    return ImageFiles(
        source=files,
        paths=np.array(paths)[order],
        names=np.array(names)[order],
        labels=picked[0],
        targets=picked[1],
        class_names=class_names,
        groups=np.array(groups)[order],
        sides=np.array(sides)[order],
    )
