"""Training with most of the small weights at zero."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.export.portable import layers_of
from kerashar.training import Recipe, TrainingResult, train
from kerashar.training.sides import TrainingSides

_DEPTHWISE = (keras.layers.DepthwiseConv1D, keras.layers.DepthwiseConv2D)  # Keras' own, which have no axis of 1


class KeptZeros(keras.callbacks.Callback):
    """Sets the smallest weights of each kernel to zero as training begins, and after each step of the optimizer.

    Use it with `fit` or `kerashar.train` to fine-tune what is left; `prune` does. Biases, normalisations and depthwise
    kernels, which have few weights, are left alone. A run that resumes finds the same zeros, which are the smallest.

    Args:
        sparsity: share of each kernel's weights that is zero, above 0 and below 1.

    Raises:
        ValueError: a sparsity out of its range.

    Example:
        >>> model = keras.Sequential([keras.Input((9,)), keras.layers.Dense(6)])
        >>> model.compile("adam", "mse")
        >>> inputs, targets = np.ones((8, 9)), np.ones((8, 6))
        >>> _ = model.fit(inputs, targets, callbacks=[KeptZeros(0.5)], verbose=0)
        >>> sparsity_of(model)
        0.5

    Reference:
        Zhu and Gupta, "To Prune, or Not to Prune: Exploring the Efficacy of Pruning for Model Compression", 2018;
        here all weights go at once.
    """

    def __init__(self, sparsity: float) -> None:
        super().__init__()
        if not 0 < sparsity < 1:
            raise ValueError(f"Expected a sparsity above 0 and below 1. Received: sparsity={sparsity!r}.")
        self.sparsity = sparsity

    def on_train_begin(self, logs: Any = None) -> None:
        for kernel in pruned_kernels(self.model):
            size = np.abs(ops.convert_to_numpy(kernel))
            mask = np.ones(size.size, "float32")
            mask[np.argsort(size, axis=None, kind="stable")[: round(self.sparsity * size.size)]] = 0
            keep = _Mask(mask.reshape(size.shape))
            kernel.assign(keep(kernel))
            kernel.constraint = keep  # which every optimizer applies within its step, on each backend

    def on_train_end(self, logs: Any = None) -> None:
        for kernel in pruned_kernels(self.model):
            kernel.constraint = None


class _Mask:
    def __init__(self, mask: np.ndarray) -> None:
        self.mask = mask

    def __call__(self, kernel: Any) -> Any:
        return kernel * ops.convert_to_tensor(self.mask, kernel.dtype)


def pruned_kernels(model: Any) -> list[Any]:
    """The kernels of which weights may go: those that read several channels."""
    return [
        variable
        for layer in layers_of(model)
        for variable in layer._trainable_variables
        if ("kernel" in variable.name or variable.name == "direction")  # that of a kernel with normalised weights
        and len(variable.shape) > 1
        and variable.shape[-2] > 1
        and not isinstance(layer, _DEPTHWISE)
        and not variable.name.startswith("depthwise")
    ]


def sparsity_of(model: keras.Model) -> float:
    """Share of zeros among the weights that `KeptZeros` looks at."""
    kernels = [ops.convert_to_numpy(kernel) for kernel in pruned_kernels(model)]
    return 1 - sum(int(np.count_nonzero(kernel)) for kernel in kernels) / sum(kernel.size for kernel in kernels)


def pruning_recipe(recipe: Recipe, start: Path, epochs: int = 3) -> Recipe:
    """The recipe of a trained model for what is left of it: a few epochs at a quarter of the rate."""
    return replace(
        recipe,
        start=str(start),
        keep_head=True,
        epochs=epochs,
        learning_rate=recipe.learning_rate / 4,
        ema_momentum=None,
        trained_depth=None,
        initializer=None,
    )


def prune(
    recipe: Recipe,
    split: TrainingSides,
    folder: Path | str,
    sparsity: float = 0.5,
) -> TrainingResult:
    """Set the smallest weights of a trained model to zero, and train the others further.

    Use it where a file is compressed, or runs on hardware that skips zeros; on a common processor zeros take their
    time. Of each kernel the same share goes.

    Args:
        recipe: with `start`, the trained model's file; a few epochs at a lower rate are enough.
        split: windows of training and validation subjects.
        folder: run folder, with what `train` writes; a run that was killed resumes there.
        sparsity: share of each kernel's weights that is zero, above 0 and below 1.

    Raises:
        ValueError: a recipe without `start` or with averaged weights, a sparsity out of its range, or what `train`
            refuses.

    Example:
        >>> from kerashar.export import prune
        >>> recipe = Recipe(start="runs/first/model.keras", epochs=3, learning_rate=5e-4)  # doctest: +SKIP
        >>> result = prune(recipe, split, "runs/pruned", sparsity=0.5)  # doctest: +SKIP
    """
    if recipe.start is None or recipe.ema_momentum is not None:
        raise ValueError(
            "Expected a recipe with start, the file of a trained model, and without ema_momentum: averages of weights "
            f"that become zero are not zero. Received: start={recipe.start}, ema_momentum={recipe.ema_momentum}."
        )
    zeros = KeptZeros(sparsity)
    result = train(replace(recipe, keep_head=True), split, folder, callbacks=[zeros])
    reached = sparsity_of(result.model)
    if reached < sparsity - 0.01:
        raise ValueError(f"Expected a pruned model with {sparsity:.0%} zeros. Received: {reached:.1%}.")
    return result
