"""What a frozen backbone's features are worth."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

import keras
import numpy as np

from kerashar.data import nested_fraction
from kerashar.data.sample_set import SampleSet
from kerashar.layers.checks import check_choice
from kerashar.training.evaluation import measured
from kerashar.training.metrics import Metrics
from kerashar.training.sides import TrainingSides
from kerashar.training.transfer import extract_features

ProbeKind = Literal["linear", "neighbours"]
_PENALTIES = (0.01, 0.1, 1.0, 10.0)  # C of the logistic regression
_NEIGHBOURS = (1, 5, 15)
_LEAST = 1e-6  # a share of neighbours that a class is given where none is of it, so that its logarithm is finite


@dataclass(frozen=True)
class Probe:
    """A classifier of scikit-learn on the features of a model that isn't trained further.

    Use it to see what a model knows ahead of any fine-tuning, and where labels are too few for more; `fit` makes it.

    Args:
        model: whose features are read.
        classifier: fitted, of scikit-learn.
        setting: its penalty `C`, or its number of neighbours, chosen on the validation windows.
        validation: figures on the validation windows.

    Example:
        >>> probe = Probe.fit(load_model("runs/pretrained/model.keras"), split)  # doctest: +SKIP
        >>> probe.validation.macro_f1  # doctest: +SKIP
        0.95
    """

    model: keras.Model
    classifier: Any
    setting: float
    validation: Metrics

    @classmethod
    def fit(
        cls,
        model: keras.Model,
        sides: TrainingSides,
        kind: ProbeKind = "linear",
        fraction: float = 1.0,
        seed: int = 0,
    ) -> "Probe":
        """Fit classifiers on the training windows, and keep the one that is best on the validation windows.

        Args:
            model: trained; with a layer named `logits`, or a backbone.
            sides: windows of training and validation subjects.
            kind: `"linear"`: logistic regression; `"neighbours"`: the nearest ones. Both on standardised features.
            fraction: share of the training windows to fit on, as a recipe's.
            seed: of the draw of that share.

        Raises:
            ValueError: an unknown kind, a fraction out of range, windows that don't fit the model, or windows of a
                single class.
        """
        check_choice("kind", kind, get_args(ProbeKind))
        rows = nested_fraction(sides.train.labels, fraction, seed, sides.train.groups)
        training = sides.train.select(rows)
        if len(np.unique(training.labels)) < 2:
            raise ValueError(f"Expected windows of two classes or more. Received: {training.class_counts()}.")
        features = extract_features(model, training.samples)
        seen = extract_features(model, sides.validation.samples)
        probes = []
        for setting, classifier in _classifiers(kind, len(training)):
            logits = _logits(classifier.fit(features, training.labels), seen, training.num_classes)
            probes.append(cls(model, classifier, setting, measured(logits, sides.validation)))
        return max(probes, key=lambda probe: (probe.validation.macro_f1, -probe.validation.loss))

    def evaluate(self, samples: SampleSet) -> Metrics:
        """Figures on labelled windows or images of the same classes; on those of the test side once, at the end."""
        features = extract_features(self.model, samples.samples)
        return measured(_logits(self.classifier, features, samples.num_classes), samples)


def _classifiers(kind: ProbeKind, count: int) -> Iterator[tuple[float, Any]]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if kind == "linear":
        for penalty in _PENALTIES:
            yield penalty, make_pipeline(StandardScaler(), LogisticRegression(C=penalty, max_iter=2000))
        return
    for neighbours in sorted({min(neighbours, count) for neighbours in _NEIGHBOURS}):
        yield neighbours, make_pipeline(StandardScaler(), KNeighborsClassifier(neighbours))


def _logits(classifier: Any, features: np.ndarray, num_classes: int) -> np.ndarray:
    """Logarithms of the probabilities `(n, num_classes)`, also of classes that the classifier never saw."""
    probabilities = np.zeros((len(features), num_classes))
    probabilities[:, classifier.classes_] = classifier.predict_proba(features)
    return np.log(np.maximum(probabilities, _LEAST))
