"""What labelled windows and labelled images have in common."""

from dataclasses import fields
from typing import Any, ClassVar, Self

import numpy as np


class SampleSet:
    """Labelled windows or images, and what each comes from; what `WindowSet` and `ImageSet` are.

    Use it to write what works on both: splits, training and evaluation read nothing else of them.

    Example:
        >>> from kerashar.data import load_windows
        >>> windows = load_windows("watch")
        >>> windows.item, windows.sample_shape, windows.groups is windows.subjects
        ('window', (128, 6), True)
    """

    item: ClassVar[str]  # what one of them is called, in the singular
    group: ClassVar[str]  # what several of them may share, such as the person
    origin: ClassVar[str]  # where one lies
    labels: Any
    class_names: tuple[str, ...]

    @property
    def samples(self) -> np.ndarray:
        """The windows `(windows, time, channels)` or images `(images, height, width, channels)`."""
        raise NotImplementedError

    @property
    def groups(self) -> np.ndarray:
        """What each comes from, such as the subject: what has to be on one side of a split."""
        raise NotImplementedError

    @property
    def origins(self) -> tuple[np.ndarray, np.ndarray]:
        """For each the recording or file that it lies in, and where it begins there."""
        raise NotImplementedError

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """Shape of one, what `create_model` takes."""
        return self.samples.shape[1:]

    @property
    def num_classes(self) -> int:
        """How many classes there are, also those that nothing belongs to; 0 where there are none."""
        return len(self.class_names)

    @property
    def is_grouped(self) -> bool:
        """Whether some share a group; else figures of each group would be figures of each sample."""
        return len(np.unique(self.groups)) < len(self)

    def class_counts(self) -> dict[str, int]:
        """How many of each class there are, in the order of `class_names`; empty where there are none."""
        if not self.class_names:
            return {}
        counts = np.bincount(self.labels, minlength=self.num_classes)
        return {name: int(count) for name, count in zip(self.class_names, counts, strict=True)}

    def select(self, index_or_mask: np.ndarray | slice) -> Self:
        """Those that an index array, a slice or a boolean mask picks; a slice leaves mapped ones on disk."""
        raise NotImplementedError

    def of_groups(self, groups: Any) -> Self:
        """Those that come from one of these groups."""
        return self.select(np.isin(self.groups, list(groups)))

    def fingerprint(self) -> str:
        """Hash of samples, labels and class names: what a resumed run must find unchanged."""
        raise NotImplementedError

    def parts(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Its arrays, and the rest as plain data: what its class makes it of again, in another process."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}  # pyright: ignore[reportArgumentType] (both are dataclasses)
        arrays = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
        return arrays, {name: value for name, value in values.items() if name not in arrays}
