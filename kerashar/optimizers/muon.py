"""Muon that knows which kernels are matrices."""

import math
import re
from typing import Any

import keras
from keras import ops

from kerashar.optimizers.weight_decay import is_decayed


@keras.saving.register_keras_serializable(package="kerashar")
class Muon(keras.optimizers.Muon):
    """Momentum whose step on a matrix has all singular values near 1; AdamW for all that is no matrix.

    Use it for models with wide dense layers or convolutions. Keras' own Muon takes kernels of rank 2 alone, among
    them the classifier's and biases of rank 2, and so leaves a network of convolutions to AdamW. Here a matrix is
    every kernel but those of the layers named in `exclude_layers`, of embeddings, of depthwise convolutions and of
    convolutions over one channel. A convolution `(taps, channels, filters)` counts as `(taps * channels, filters)`,
    and so does a kernel of groups; attention's query, key and value `(channels, heads, depth)` count as
    `(channels, heads * depth)`. `weight_decay` is that of both rules.

    Args:
        learning_rate: a number above 0 or a schedule; that of AdamW fits. Defaults to 0.001.
        weight_decay: decoupled decay. Defaults to 0.004.
        exclude_layers: patterns in the paths of weights that AdamW takes. Defaults to the layer named `logits`.
        **kwargs: what Keras' Muon takes besides `adam_weight_decay`.

    Example:
        >>> Muon(0.001).get_config()["momentum"]
        0.95

    Reference:
        Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024; scaled as by Liu et al., "Muon
        is Scalable for LLM Training", 2025.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        exclude_layers: list[str] | None = None,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        epsilon: float = 1e-7,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_steps: int = 5,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            adam_weight_decay=weight_decay,
            exclude_layers=["(^|/)logits/"] if exclude_layers is None else list(exclude_layers),
            adam_beta_1=adam_beta_1,
            adam_beta_2=adam_beta_2,
            epsilon=epsilon,
            momentum=momentum,
            nesterov=nesterov,
            ns_steps=ns_steps,
            **kwargs,
        )

    def _should_use_adamw(self, variable: Any) -> bool:
        shape = variable.shape
        embedding = self.exclude_embeddings and "embedding" in variable.path.lower()
        if embedding or not is_decayed(variable) or (len(shape) > 2 and shape[-2] == 1):
            return True
        return any(re.search(pattern, variable.path) for pattern in self.exclude_layers)

    def _muon_update_step(self, gradient: Any, variable: Any, lr: Any, m: Any) -> None:
        rows, columns = _matrix_shape(self._trainable_variables[self._get_variable_index(variable)])
        self.assign_add(m, gradient + m * (self.momentum - 1))
        step = gradient + self.momentum * m if self.nesterov else ops.convert_to_tensor(m)
        orthogonal = self.zeropower_via_newtonschulz5(ops.reshape(step, (rows, columns)), self.ns_steps)
        self.assign_sub(variable, ops.reshape(self.lr_adjust(lr * orthogonal), variable.shape))

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {name: value for name, value in config.items() if name != "adam_weight_decay"}


def _matrix_shape(variable: keras.Variable) -> tuple[int, int]:
    split = 1 if re.search("(^|/)(query|key|value)/kernel$", variable.path) else len(variable.shape) - 1
    return math.prod(variable.shape[:split]), math.prod(variable.shape[split:])
