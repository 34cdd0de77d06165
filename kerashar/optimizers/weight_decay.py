"""Which weights decay."""

import re

import keras

_SPARED = re.compile("bias|beta|gamma|gain|scale")  # in a weight's own name, whatever its rank
_POSITIONS = re.compile("(^|[/_])(position|positions|pos_embed)([/_]|$)")  # in its path


def is_decayed(variable: keras.Variable) -> bool:
    """Whether a weight should decay: kernels of rank 2 and more do; biases, norms and position embeddings don't."""
    spared = _SPARED.search(variable.name) or _POSITIONS.search(variable.path)
    return len(variable.shape) > 1 and not spared


def exclude_from_decay(optimizer: keras.optimizers.Optimizer, model: keras.Model) -> None:
    """Keep an optimizer's weight decay from a model's biases, norms and position embeddings.

    Use it before training, and again after Keras has loaded a compiled model: Keras saves no exclusions.

    Args:
        optimizer: changed in place; one that `compile` has wrapped for mixed precision is fine too.
        model: built, so that it has weights.

    Example:
        >>> model = keras.Sequential([keras.Input((9,)), keras.layers.Dense(6)])
        >>> optimizer = keras.optimizers.AdamW(0.1, weight_decay=0.5)
        >>> exclude_from_decay(optimizer, model)
    """
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer = optimizer.inner_optimizer
    optimizer.exclude_from_weight_decay(var_list=[each for each in model.weights if not is_decayed(each)])
