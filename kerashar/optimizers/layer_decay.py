"""Learning rates that fall from the head of a model to its stem."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import keras

from kerashar.optimizers.adamw import AdamW
from kerashar.optimizers.adopt import ADOPT
from kerashar.optimizers.muon import Muon
from kerashar.optimizers.radam import RAdam
from kerashar.optimizers.soap import SOAP


def with_layer_decay(
    optimizer: keras.optimizers.Optimizer, model: keras.Model, layer_decay: float
) -> keras.optimizers.Optimizer:
    """An optimizer whose learning rate is multiplied by `layer_decay ** depth` for a layer that deep below the head.

    Use it to fine-tune a trained model: its first layers, which fit most data, move least. Decoupled weight decay is
    slowed alike; clipping, averaging and accumulation are the optimizer's own. The factors are saved with it.

    Args:
        optimizer: new, not built by training or a checkpoint.
        model: a Functional model; its trainable weights are those that `optimizer` will train.
        layer_decay: above 0; 1 returns `optimizer` itself.

    Returns:
        A new optimizer of the same settings and exclusions from weight decay. A model with a single layer of
        weights, as the ridge classifiers, trains as without it.

    Raises:
        ValueError: a decay out of its range, an optimizer that is built or wrapped, or a model without a graph.

    Example:
        >>> inputs = keras.Input((9,))
        >>> hidden = keras.layers.Dense(8, name="hidden")(inputs)
        >>> model = keras.Model(inputs, keras.layers.Dense(6, name="logits")(hidden))
        >>> with_layer_decay(keras.optimizers.SGD(0.1), model, 0.5).factors
        [0.5, 0.5, 1.0, 1.0]

    Reference:
        Clark et al., "ELECTRA", 2020, and Bao et al., "BEiT", 2022. Depth comes from the model's graph, not from
        its names: see `layer_depths`.
    """
    if not 0 < layer_decay <= 1:
        raise ValueError(f"Expected layer_decay to be above 0 and at most 1. Received: layer_decay={layer_decay!r}.")
    if layer_decay == 1:
        return optimizer
    if optimizer.built or isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        raise ValueError(f"Expected a new optimizer, not compiled or built. Received: {optimizer.name!r}.")
    depths = layer_depths(model)
    factors = [layer_decay ** depths[id(variable)] for variable in model.trainable_variables]
    slowed = _layer_decayed(type(optimizer)).from_config({**optimizer.get_config(), "factors": factors})
    for name in ("_exclude_from_weight_decay", "_exclude_from_weight_decay_pattern"):
        if hasattr(optimizer, name):
            setattr(slowed, name, getattr(optimizer, name))
    return slowed


def layer_depths(model: keras.Model) -> dict[int, int]:
    """How many layers with kernels lie between each trainable weight, by its `id`, and the model's output, at most.

    The head has 0. A layer of vectors alone, such as a norm, is no depth of its own: it has that of the layer before
    it. A model inside is gone through as if its layers stood outside.

    Raises:
        ValueError: a model that is no graph of layers.
    """
    depths: dict[int, int] = {}
    _collect_depths(model, 0, depths)
    return depths


def _collect_depths(model: Any, above: int, depths: dict[int, int]) -> int:
    """Put the depths of a model with `above` layers over it into `depths`, and return how many are over its input."""
    model = getattr(model, "_functional", model)  # where a Sequential keeps its graph
    if not hasattr(model, "_nodes_by_depth"):
        raise ValueError(f"Expected a Functional model for layer_decay. Received: {type(model).__name__}.")
    over: dict[int, int] = defaultdict(lambda: above)  # layers between a node's output and the head
    highest = above
    for _, nodes in sorted(model._nodes_by_depth.items()):  # from the output down
        for node in nodes:
            layer = node.operation
            here = over[id(node)]
            if isinstance(layer, keras.Model):
                here = _collect_depths(layer, here, depths)
            else:
                weights = getattr(layer, "trainable_variables", [])
                for variable in weights:
                    depths[id(variable)] = max(here, depths.get(id(variable), 0))
                here += any(len(variable.shape) > 1 for variable in weights)
            for parent in node.parent_nodes:
                over[id(parent)] = max(here, over[id(parent)])
            highest = max(here, highest)
    return highest


@cache
def _layer_decayed(base: Any) -> Any:
    """The class of an optimizer with a factor on the learning rate of each variable.

    A subclass, not a wrapper: Keras clips, accumulates and averages around the two methods overridden here, and
    its fast optimizers for torch keep their own updates.
    """

    @keras.saving.register_keras_serializable(package="kerashar", name=f"LayerDecayed{base.__name__}")
    class LayerDecayed(base):
        def __init__(self, *args: Any, factors: Sequence[float], **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.factors = list(factors)
            self._factor = 1.0  # of the variables in hand

        def build(self, variables: list[keras.Variable]) -> None:
            if len(variables) != len(self.factors):
                raise ValueError(
                    f"Expected the {len(self.factors)} weights that layer_decay was computed for. Received: "
                    f"{len(variables)}. Make a new optimizer after freezing or unfreezing layers."
                )
            super().build(variables)

        def _apply_weight_decay(self, variables: list[Any]) -> None:
            decayed = [variable for variable in variables if self._use_weight_decay(variable)]
            for factor, members in self._by_factor(decayed):
                self._factor = factor
                super()._apply_weight_decay([decayed[member] for member in members])
            self._factor = 1.0

        def _backend_update_step(self, grads: list[Any], trainable_variables: list[Any], learning_rate: Any) -> None:
            for factor, members in self._by_factor(trainable_variables):
                super()._backend_update_step(
                    [grads[member] for member in members],
                    [trainable_variables[member] for member in members],
                    learning_rate * factor,
                )

        def _by_factor(self, variables: list[Any]) -> Iterator[tuple[float, list[int]]]:
            groups: dict[float, list[int]] = defaultdict(list)
            for member, variable in enumerate(variables):
                groups[self.factors[self._get_variable_index(variable)]].append(member)
            yield from groups.items()

        def _get_current_learning_rate(self) -> Any:
            rate = super()._get_current_learning_rate()
            return rate if self._factor == 1.0 else rate * self._factor

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "factors": list(self.factors)}

    LayerDecayed.__name__ = LayerDecayed.__qualname__ = f"LayerDecayed{base.__name__}"
    return LayerDecayed


# Now, so that a file that holds one finds its class. On torch Keras has classes of its own behind these names.
for _base in (ADOPT, SOAP, AdamW, Muon, RAdam, *map(keras.optimizers.get, ("lion", "sgd"))):
    _layer_decayed(_base if isinstance(_base, type) else type(_base))
