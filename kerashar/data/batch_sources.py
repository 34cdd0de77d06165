"""What an input pipeline can read batches from."""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, Protocol

import numpy as np

from kerashar.data.images.image_files import ImageFiles
from kerashar.data.images.image_set import ImageSet
from kerashar.data.window_set import WindowSet


class BatchSource(Protocol):
    """Anything that gives the inputs and answers of any rows.

    Args:
        labels: `(samples,)`, the class of each sample, for balanced batches; None where there are none.
    """

    @property
    def labels(self) -> np.ndarray | None: ...

    def __len__(self) -> int: ...

    def batch(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Inputs and answers of these rows, in their order."""
        ...


class ArraySource:
    """Arrays in memory or memory-mapped.

    Args:
        inputs: `(samples, ...)`.
        answers: `(samples, ...)`, labels, one-hot vectors or numbers.

    Example:
        >>> source = ArraySource(np.arange(6).reshape(3, 2), np.array([0, 1, 0]))
        >>> source.batch(np.array([2, 0]))[0].tolist()
        [[4, 5], [0, 1]]
    """

    def __init__(self, inputs: np.ndarray, answers: np.ndarray) -> None:
        if len(inputs) != len(answers):
            raise ValueError(f"Expected an answer for each of {len(inputs)} inputs. Received: {len(answers)}.")
        self.inputs = inputs
        self.answers = answers

    @property
    def labels(self) -> np.ndarray | None:
        is_label = self.answers.ndim == 1 and self.answers.dtype.kind in "iu"
        return self.answers if is_label else None

    def __len__(self) -> int:
        return len(self.inputs)

    def batch(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.inputs[rows], self.answers[rows]


class RecordSource:
    """Samples that are read and decoded one at a time, such as image files or the examples of a TFDS data set.

    Use `image_file_source` for files; this for anything else with random access.

    Args:
        count: how many samples there are.
        read: called with the index of a sample, gives its input and answer; several threads call it at once. A
            pipeline with worker processes pickles it, which a lambda can't be.
        labels: `(samples,)`, the class of each sample, for balanced batches; None if they aren't known beforehand.

    Example:
        >>> source = RecordSource(3, lambda index: (np.full(2, index), index % 2))
        >>> source.batch(np.array([2, 1]))[1].tolist()
        [0, 1]
        >>> data = builder.as_data_source("train")  # doctest: +SKIP
        >>> RecordSource(len(data), lambda index: (data[index]["image"], data[index]["label"]))  # doctest: +SKIP
    """

    def __init__(
        self, count: int, read: Callable[[int], tuple[np.ndarray, Any]], labels: np.ndarray | None = None
    ) -> None:
        self.count = count
        self.read = read
        self.labels = labels

    def __len__(self) -> int:
        return self.count

    def batch(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        inputs, answers = zip(*map(self.read, rows.tolist()), strict=True)
        return np.stack(inputs), np.array(answers)


def image_file_source(files: ImageFiles, size: tuple[int, int] = (32, 32), channels: Literal[1, 3] = 3) -> RecordSource:
    """Image files that are decoded each time they are asked for.

    Use it where decoded images don't fit on the disk; `decode_images` decodes them once, and leaves out those that
    are broken. Here a broken file is an error that names it.

    Args:
        files: from `find_images`.
        size: height and width in pixels.
        channels: 3 for RGB, 1 for grey.

    Example:
        >>> image_file_source(find_images("cifar10_images.zip")).batch(np.arange(8))[0].shape  # doctest: +SKIP
        (8, 32, 32, 3)
    """
    return RecordSource(len(files), partial(_read_image, files, files.answers, size, channels), files.labels)


def _read_image(
    files: ImageFiles, answers: np.ndarray, size: tuple[int, int], channels: Literal[1, 3], index: int
) -> tuple[np.ndarray, Any]:
    from kerashar.data.images.decode_image import decode_image  # loads Pillow

    try:
        return decode_image(files.read(index), size, channels), answers[index]
    except ValueError as error:
        raise ValueError(
            f"Expected images that can be decoded in {files.source.path}. Received: {str(files.names[index])!r} "
            f"({error}). Remove it, or decode the images once with decode_images, which leaves such files out."
        ) from error


def as_batch_source(data: WindowSet | ImageSet | BatchSource) -> BatchSource:
    """Windows or images as a source; a source is passed on."""
    if isinstance(data, WindowSet):
        return ArraySource(data.windows, data.labels)
    if isinstance(data, ImageSet):
        return ArraySource(data.images, data.answers)
    return data
