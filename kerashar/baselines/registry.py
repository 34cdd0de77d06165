"""Baselines by name."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from kerashar.baselines.handcrafted_boosting import handcrafted_boosting
from kerashar.data import SubjectSplit
from kerashar.names import unknown_name
from kerashar.training import Metrics

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

_BASELINES: "dict[str, Callable[[float, int], Pipeline]]" = {"handcrafted_boosting": handcrafted_boosting}


def list_baselines() -> list[str]:
    """Names of the baselines, sorted."""
    return sorted(_BASELINES)


def create_baseline(name: str, sampling_rate: float, seed: int = 0) -> "Pipeline":
    """A pipeline of scikit-learn from windows `(n, time, channels)` to labels.

    Args:
        name: a name from `list_baselines()`.
        sampling_rate: samples per second (Hz).
        seed: seed of its classifier.

    Raises:
        ValueError: an unknown name; the nearest right one is given.

    Example:
        >>> [step for step, _ in create_baseline("handcrafted_boosting", 50.0).steps]
        ['features', 'classifier']
    """
    if name not in _BASELINES:
        raise unknown_name("baseline", name, _BASELINES)
    return _BASELINES[name](sampling_rate, seed)


def evaluate_baseline(name: str, split: SubjectSplit, seed: int = 0) -> Metrics:
    """Fit a baseline on the training subjects and measure it on the test subjects.

    Use it once for a data set. Nothing is chosen by the validation subjects, so they train it too.

    Args:
        name: a name from `list_baselines()`.
        split: windows by subject.
        seed: seed of its classifier.

    Raises:
        ValueError: an unknown name.

    Example:
        >>> from kerashar import load_split  # doctest: +SKIP
        >>> evaluate_baseline("handcrafted_boosting", load_split("watch")).accuracy  # doctest: +SKIP
    """
    sides = (split.train, split.validation)
    pipeline = create_baseline(name, split.train.rate, seed)
    pipeline.fit(
        np.concatenate([side.windows for side in sides]),
        np.concatenate([side.labels for side in sides]),
    )
    shares = np.zeros((len(split.test), split.test.num_classes))
    shares[:, pipeline.classes_] = pipeline.predict_proba(split.test.windows)
    # A class that training lacks has no share; its logarithm must stay finite.
    return Metrics.of(np.log(np.maximum(shares, 1e-12)), split.test.labels, split.test.class_names)
