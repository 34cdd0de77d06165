"""Images of one size with a class or a number each, and with where each came from."""

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kerashar.data.checks import as_integers, check_class_names, check_labels
from kerashar.data.images.decode_report import DecodeReport
from kerashar.data.sample_set import SampleSet


@dataclass(frozen=True, eq=False)
class ImageSet(SampleSet):
    """Images of one size with a class or a number each, and with where each came from.

    Use it as what splits, training and evaluation take; `decode_images` and `load_images` make it.

    Args:
        images: `(images, height, width, channels)`, uint8 with 1 or 3 channels; may be memory-mapped.
        names: `(images,)`, what each is called, all different.
        labels: `(images,)`, indices into `class_names`; kept as int64. None where there are targets.
        targets: `(images,)`, finite; kept as float32. None where there are labels.
        class_names: the classes, in the order of the labels; empty where there are targets.
        groups: `(images,)`, what each comes from, such as the person shown; None takes the names.
        sides: `(images,)`, "train", "validation" or "test" where the source says so; None says nowhere.
        report: what came of decoding, and so what is left out.

    Raises:
        ValueError: shapes disagree, a label is out of range, a target isn't finite, or a name is there twice.

    Example:
        >>> import numpy as np
        >>> two = ImageSet(np.zeros((2, 32, 32, 3), "uint8"), ["a.png", "b.png"], [0, 1], class_names=("cat", "dog"))
        >>> len(two), two.image_shape, two.class_counts()
        (2, (32, 32, 3), {'cat': 1, 'dog': 1})
    """

    item = "image"
    group = "group"
    origin = "name"
    images: np.ndarray
    names: np.ndarray
    labels: np.ndarray | None = None
    targets: np.ndarray | None = None
    class_names: tuple[str, ...] = ()
    groups: np.ndarray = None  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride] - filled in after
    sides: np.ndarray = None  # pyright: ignore[reportAssignmentType] - filled in after
    report: DecodeReport | None = None

    def __post_init__(self) -> None:
        groups = self.names if self.groups is None else self.groups
        sides = np.full(len(self.names), "") if self.sides is None else self.sides
        for name, values in (("names", self.names), ("groups", groups), ("sides", sides)):
            object.__setattr__(self, name, np.asarray(values, dtype=np.str_))
        object.__setattr__(self, "class_names", tuple(self.class_names))
        if self.labels is not None:
            object.__setattr__(self, "labels", as_integers("labels", self.labels))
        if self.targets is not None:
            object.__setattr__(self, "targets", np.asarray(self.targets, dtype=np.float32))
        self._check_shapes()
        self._check_values()

    @property
    def samples(self) -> np.ndarray:
        return self.images

    @property
    def origins(self) -> tuple[np.ndarray, np.ndarray]:
        return self.names, np.zeros(len(self), dtype=np.int64)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """`(height, width, channels)` of one image, what `create_model` takes."""
        return self.images.shape[1], self.images.shape[2], self.images.shape[3]

    @property
    def answers(self) -> np.ndarray:
        """The labels or the targets, whichever there are."""
        return self.labels if self.labels is not None else self.targets  # pyright: ignore[reportReturnType]

    def select(self, index_or_mask: np.ndarray | slice) -> "ImageSet":
        parts = {name: getattr(self, name) for name in ("images", "names", "labels", "targets", "groups", "sides")}
        return replace(
            self, **{name: None if values is None else values[index_or_mask] for name, values in parts.items()}
        )

    def fingerprint(self) -> str:
        digest = hashlib.sha256(json.dumps([self.class_names, self.images.shape]).encode())
        digest.update(np.ascontiguousarray(self.images).data)
        digest.update(self.answers.tobytes())
        return digest.hexdigest()

    def parts(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        arrays, facts = super().parts()
        return arrays, {**facts, "report": None}  # other processes train on the images and report nothing

    def _check_shapes(self) -> None:
        images = self.images
        if not isinstance(images, np.ndarray) or images.dtype != np.uint8:
            kind = getattr(images, "dtype", type(images).__name__)
            raise ValueError(f"Expected images as an array of uint8. Received: {kind}.")
        if images.ndim != 4 or 0 in images.shape[1:] or images.shape[3] not in (1, 3):
            raise ValueError(f"Expected images (images, height, width, 1 or 3). Received: shape {images.shape}.")
        if (self.labels is None) == (self.targets is None):
            raise ValueError("Expected labels or targets, one of the two. Received: both or neither.")
        for name in ("names", "labels", "targets", "groups", "sides"):
            values = getattr(self, name)
            if values is not None and values.shape != (len(images),):
                raise ValueError(f"Expected {name} of shape ({len(images)},), one per image. Received: {values.shape}.")

    def _check_values(self) -> None:
        if len(np.unique(self.names)) < len(self.names):
            raise ValueError(f"Expected different names. Received: {_first_repeated(self.names)!r} twice.")
        unknown = np.setdiff1d(self.sides, ["train", "validation", "test", ""])
        if len(unknown):
            raise ValueError(f"Expected sides 'train', 'validation', 'test' or ''. Received: {str(unknown[0])!r}.")
        if self.targets is not None:
            bad = np.flatnonzero(~np.isfinite(self.targets))
            if len(bad):
                raise ValueError(
                    f"Expected finite targets. Received: {self.targets[bad[0]]} for {str(self.names[bad[0]])!r}."
                )
            if self.class_names:
                raise ValueError(f"Expected no class names with targets. Received: {self.class_names}.")
        if self.labels is not None:
            check_class_names(self.class_names)
            check_labels(self.labels, self.num_classes)


def _first_repeated(names: np.ndarray) -> str:
    values, counts = np.unique(names, return_counts=True)
    return str(values[counts > 1][0])
