"""Where a convolutional network sees a class."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar import backend
from kerashar.explanations.map_layers import map_layer
from kerashar.explanations.maps import check_class, check_one_model, checked_samples, finished
from kerashar.layers.checks import check_sizes


def grad_cam(
    model: keras.Model,
    samples: np.ndarray,
    class_index: int | None = None,
    layer: str | None = None,
    batch_size: int = 64,
) -> np.ndarray:
    """Map where in images or signals a model sees what speaks for a class (Grad-CAM).

    Use it to see whether a model decides by the object or by its background, by the movement or by its edges. A map
    says where, not how sure: each has a largest value of 1. The model must not run elsewhere at the same time.

    Args:
        model: any of the registered models that is trained by gradients, or another Functional one; what it gives is
            `(batch, classes)`. With a `RegressionHead` the map shows what raises the number.
        samples: windows `(n, time, channels)` or images `(n, height, width, channels)` as the model takes them.
        class_index: which class. Defaults to None: for each sample the one that the model predicts.
        layer: name of a layer of the model, or of a model inside it, that keeps the input's places. Defaults to
            None: the last one. Earlier ones give finer maps that mean less.
        batch_size: samples at a time. Defaults to 64.

    Returns:
        float32 `(n, time)` or `(n, height, width)`, from 0 to 1; all 0 where nothing speaks for the class.

    Raises:
        ValueError: samples of another shape or not finite, a class or a layer that there isn't, or a model without a
            layer that keeps the places, such as those fitted in closed form.

    Example:
        >>> from kerashar.models import create_model
        >>> model = create_model("modern_tcn", (64, 3), 6, hidden=8, blocks=1)
        >>> grad_cam(model, np.random.default_rng(0).normal(size=(2, 64, 3))).shape
        (2, 64)

    Reference:
        Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", 2017.
        There the layer is the last convolution; here it is the last layer that keeps the places, after normalisation
        and activation, and it may have a time axis alone. Of a vision transformer it takes the patches, without the
        class token, ahead of the last block where they reach the answer. Attention gives each patch a gradient of its
        own, whose mean says little: there gradient and value are multiplied patch by patch, as Draelos and Carin,
        "Use HiResCAM instead of Grad-CAM for faithful explanations", 2020.
    """
    check_sizes(batch_size=batch_size)
    check_one_model(model)
    samples = checked_samples(model, samples)
    check_class(model, class_index)
    target, grid = map_layer(model, layer)
    maps = [
        _maps(model, target, grid, samples[at : at + batch_size], class_index)
        for at in range(0, len(samples), batch_size)
    ]
    return finished(np.concatenate(maps), samples.shape[1:-1])


def _maps(
    model: keras.Model, layer: Any, grid: tuple[int, int] | None, samples: np.ndarray, class_index: int | None
) -> np.ndarray:
    """Maps `(n, *places)` at the size of the layer's output."""

    def score(change: Any, inputs: Any) -> tuple[Any, Any]:
        """The score of all samples, which don't mix, after a change to what the layer gives, and what it gives."""
        seen = []

        def changed(outputs: Any) -> Any:
            seen.append(ops.cast(outputs, "float32"))
            return outputs + ops.cast(change, outputs.dtype)

        with _changed(layer, changed):
            logits = ops.cast(model(inputs, training=False), "float32")
        classes = ops.argmax(logits, axis=1) if class_index is None else [class_index] * len(samples)
        return ops.sum(ops.one_hot(classes, logits.shape[1]) * logits), seen[0]

    *places, channels = layer.output.shape[1:]
    if grid is None:
        # A change that is the same at all places has the sum of their gradients: the paper's mean but for a factor,
        # which the scale of the map takes away.
        places = [1] * len(places)
    weights, features = backend.gradient_and_tensor(
        score, np.zeros((len(samples), *places, channels), "float32"), samples
    )
    if grid is not None:
        weights, features = (tokens[:, 1:].reshape(len(samples), *grid, channels) for tokens in (weights, features))
    return np.maximum((weights * features).sum(axis=-1), 0)


@contextmanager
def _changed(layer: Any, change: Callable[[Any], Any]) -> Iterator[None]:
    """Put a change between a layer and what follows, wherever in a model or in one inside it the layer is."""
    call = layer.call
    layer.call = lambda *arguments, **options: change(call(*arguments, **options))
    try:
        yield
    finally:
        del layer.call
