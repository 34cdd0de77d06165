"""Logits of labelled windows or images, with whose they are."""

import zipfile
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from kerashar.data.sample_set import SampleSet
from kerashar.files import write_atomically
from kerashar.training.confusion import confusion_matrix
from kerashar.training.metrics import Metrics

PREDICTIONS = "predictions.npz"  # in a run folder


@dataclass(frozen=True, eq=False)
class Predictions:
    """Logits of labelled windows, and where each window came from; or of images.

    Use it to keep what a model said, and to compare two models on the same windows with `compare_runs`.

    Args:
        logits: `(windows, classes)`.
        labels: `(windows,)`, indices into `class_names`.
        subjects: `(windows,)`, the subject's name; of an image its group.
        recordings: `(windows,)`, the recording's name; of an image its own.
        starts: `(windows,)`, first sample of the window in its recording; of an image 0.
        class_names: the activities, `(classes,)`.
        data: fingerprint of the windows, as `WindowSet.fingerprint` gives it.
        item: what they are, `"window"` or `"image"`.
    """

    logits: np.ndarray
    labels: np.ndarray
    subjects: np.ndarray
    recordings: np.ndarray
    starts: np.ndarray
    class_names: np.ndarray
    data: str
    item: str = "window"

    @classmethod
    def of(cls, logits: np.ndarray, samples: SampleSet) -> "Predictions":
        """What a model said of `samples`; ValueError where the logits are not `(samples, classes)`."""
        if logits.shape != (len(samples), samples.num_classes):
            raise ValueError(
                f"Expected logits ({len(samples)}, {samples.num_classes}). Received: shape={logits.shape}."
            )
        names = np.array(samples.class_names)
        return cls(logits, samples.labels, samples.groups, *samples.origins, names, samples.fingerprint(), samples.item)

    @property
    def is_grouped(self) -> bool:
        """Whether several windows are of one subject, or images of one group."""
        return len(np.unique(self.subjects)) < len(self.subjects)

    def counts(self) -> np.ndarray:
        """Confusion matrices `(subjects, classes, classes)`; a single one where each image stands alone."""
        predicted, classes = self.logits.argmax(axis=1), len(self.class_names)
        groups = [self.subjects == name for name in np.unique(self.subjects)] if self.is_grouped else [slice(None)]
        return np.stack([confusion_matrix(self.labels[rows], predicted[rows], classes) for rows in groups])

    def metrics(self) -> Metrics:
        """The figures over all windows, and of each subject."""
        return Metrics.of(self.logits, self.labels, self.class_names.tolist(), self.subjects)

    def save(self, path: Path | str) -> None:
        """Write a NumPy archive `.npz`, atomically; nothing in it is pickled."""
        arrays = {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}
        write_atomically(path, lambda temporary: np.savez_compressed(temporary, **arrays))  # pyright: ignore[reportArgumentType] (its stub takes the names for options)

    @classmethod
    def load(cls, path: Path | str) -> "Predictions":
        """Read what `save` wrote.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it is damaged, or something else.
        """
        try:
            with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
                arrays = {field.name: archive[field.name] for field in fields(cls) if field.name != "item"}
                item = str(archive.get("item", cls.item))  # older archives have none
        except (ValueError, EOFError, KeyError, AttributeError, zipfile.BadZipFile) as error:
            raise ValueError(f"Expected {path} to hold predictions. Received: {error}.") from error
        return cls(**{**arrays, "data": str(arrays["data"]), "item": item})
