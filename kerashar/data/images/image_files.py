"""A listing of image files, with what is known about each, and without their pixels."""

from dataclasses import dataclass, replace

import numpy as np

from kerashar.data.images.file_source import FileSource


@dataclass(frozen=True, eq=False)
class ImageFiles:
    """A listing of image files, with what is known about each, and without their pixels.

    Use `find_images` to make one; `decode_images` and `InputPipeline` take it. It can be sent to other processes.

    Args:
        source: the folder or zip with the files.
        paths: `(files,)`, where each file is in the source.
        names: `(files,)`, what a file is called, each different: its path without the folders that all share.
        labels: `(files,)`, indices into `class_names`; None where there are targets.
        targets: `(files,)`, float32, a number to predict; None where there are labels.
        class_names: the classes, in the order of the labels; empty where there are targets.
        groups: `(files,)`, what a file comes from (a person, a film); files of one group stay on one side.
        sides: `(files,)`, "train", "validation" or "test" where the source says so, otherwise "".

    Example:
        >>> files = find_images("cifar10_images.zip")  # doctest: +SKIP
        >>> len(files), files.names[0], files.class_names[:2]  # doctest: +SKIP
        (55000, 'test/airplane/0000.jpg', ('airplane', 'automobile'))
    """

    source: FileSource
    paths: np.ndarray
    names: np.ndarray
    labels: np.ndarray | None
    targets: np.ndarray | None
    class_names: tuple[str, ...]
    groups: np.ndarray
    sides: np.ndarray

    def __len__(self) -> int:
        return len(self.names)

    @property
    def answers(self) -> np.ndarray:
        """The labels or the targets, whichever there are."""
        return self.labels if self.labels is not None else self.targets  # pyright: ignore[reportReturnType]

    def read(self, index: int) -> bytes:
        """The content of one file, as it lies there.

        Raises:
            OSError: the file is gone or can't be read.
            ValueError: the archive is damaged there.
        """
        return self.source.read(str(self.paths[index]))

    def select(self, index_or_mask: np.ndarray | slice) -> "ImageFiles":
        """The files that an index array, a slice or a boolean mask picks."""
        parts = ("paths", "names", "labels", "targets", "groups", "sides")
        picked = {name: getattr(self, name) for name in parts}
        return replace(
            self, **{name: None if values is None else values[index_or_mask] for name, values in picked.items()}
        )
