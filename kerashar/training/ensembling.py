"""How much each model of an ensemble should count."""

from collections.abc import Sequence

import keras
import numpy as np

from kerashar.data.sample_set import SampleSet
from kerashar.training.evaluation import predict_logits

_STEPS = 1000
_SMALL = 1e-6  # change of a weight that is none


def ensemble_weights(models: Sequence[keras.Model], validation: SampleSet) -> list[float]:
    """Weights with which the mean of the models' probabilities fits the validation labels best, by cross-entropy.

    Use it for `Ensemble(models, weights)` where some models are better than others. Few validation subjects say little
    of that: with less than a handful, equal weights are safer. Never find weights on test windows.

    Args:
        models: trained, of the same windows and classes, giving logits.
        validation: windows or images that none of them was trained on.

    Returns:
        One weight for each, at least 0, with sum 1.

    Raises:
        ValueError: no models or no samples, or samples that don't fit the models.

    Example:
        >>> weights = ensemble_weights([first, second], split.validation)  # doctest: +SKIP

    Reference:
        The loss is convex in the weights, which are those of a mixture: Dempster et al., "Maximum Likelihood from
        Incomplete Data via the EM Algorithm", 1977. As stacking, Wolpert, "Stacked Generalization", 1992, with a mean.
    """
    if not models or not len(validation):
        raise ValueError(f"Expected models and samples. Received: {len(models)} models, {len(validation)} samples.")
    chances = []
    for model in models:
        logits = predict_logits(model, validation.samples).astype(np.float64)
        logs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
        chances.append(logs[np.arange(len(validation)), validation.labels])
    return mixture_weights(np.stack(chances, axis=1)).tolist()


def mixture_weights(logs: np.ndarray) -> np.ndarray:
    """Weights `(models,)` of the best mixture, from log probabilities `(samples, models)` of what was true.

    Example:
        >>> mixture_weights(np.log([[0.9, 0.5], [0.8, 0.5], [0.9, 0.5]])).round(3).tolist()
        [1.0, 0.0]
    """
    # Only ratios within a sample count, so that no probability vanishes.
    likelihoods = np.exp(logs - logs.max(axis=1, keepdims=True))
    weights = np.full(logs.shape[1], 1 / logs.shape[1])
    for _ in range(_STEPS):
        before = weights
        responsible = likelihoods * weights
        weights = (responsible / responsible.sum(axis=1, keepdims=True)).mean(axis=0)
        if np.abs(weights - before).max() < _SMALL:
            break
    return weights
