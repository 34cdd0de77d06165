"""A causal model sees no future."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar import backend
from kerashar.models import list_models, model_card
from kerashar.training.checks.check_result import CheckResult
from kerashar.training.checks.checked_run import CheckedRun


def causality(run: CheckedRun) -> CheckResult:
    """No feature of a model whose card says causal depends on a later sample, by its gradient."""
    name = run.recipe.model
    if name not in list_models() or not model_card(name).causal:
        return CheckResult("causality", None, f"The model {name} doesn't claim to be causal.")
    inputs = run.trunk.input
    features = keras.Model(inputs, _last_over_time(run.trunk))
    # A smooth window: the gradient is about which samples are read, whatever they hold.
    window = np.random.default_rng(run.recipe.seed).normal(size=(1, *inputs.shape[1:])).astype("float32")
    time = window.shape[1]
    present = time // 2

    def early_features(values: Any) -> Any:
        outputs = features(values, training=False)  # (1, steps, channels)
        return ops.sum(outputs[:, : present * outputs.shape[1] // time] ** 2)

    gradient = np.abs(backend.input_gradient(early_features, window)).max(axis=(0, 2))  # (time,)
    future = gradient[present:]
    seen = (
        f"The largest gradient of features of the first {present} samples is {gradient[:present].max():.2g} at those "
        f"samples and {future.max():.2g} at the {len(future)} later ones."
    )
    passed = not future.any()
    advice = "Pad on the left alone, and look for pooling, attention or normalisation over all of the time."
    return CheckResult("causality", passed, seen, "" if passed else advice)


def _last_over_time(model: keras.Model) -> Any:
    """The features ahead of the layer that gives the time axis up."""
    return next(layer.output for layer in reversed(model.layers) if len(layer.output.shape) == 3)
