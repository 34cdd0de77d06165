"""How much of a window the convolutions of a model see, and how deep a model should be for a window."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras

from kerashar.models.registry import create_model, model_card

SHORTEST, LONGEST = 0.7, 1.2  # of the window: a field that fits it
_DEEPEST = 16  # levels; with a dilation that doubles that is more than any window


@dataclass(frozen=True)
class ReceptiveField:
    """A receptive field in time.

    Args:
        samples: samples of the window that reach one output of the last convolution.
        seconds: the same in seconds, or None where no rate was given.
    """

    samples: int
    seconds: float | None


def receptive_field(model: keras.Model, rate: float | None = None) -> ReceptiveField:
    """Compute the receptive field of a model's convolutions from its graph.

    Use it to see whether a model is deep enough for its window. Squeeze gates, attention, recurrent layers and
    pooling see the whole window besides; they are not counted.

    Args:
        model: a Functional model over `(batch, time, channels)`, a registered one or your own of kerashar's and
            Keras' layers.
        rate: sampling rate of its windows in Hz, for the answer in seconds.

    Raises:
        ValueError: a rate that is not above 0, a model that is not Functional, or one without a convolution.

    Example:
        >>> receptive_field(create_model("modern_tcn", (128, 9), 6), rate=50)
        ReceptiveField(samples=125, seconds=2.5)
    """
    if rate is not None and not rate > 0:
        raise ValueError(f"Expected a rate in Hz above 0. Received: rate={rate!r}.")
    fields: dict[int, tuple[int, int]] = {}  # by tensor: samples seen, and samples from one step to the next
    kept: list[Any] = []  # the tensors, so that no other takes the place and the number of one
    found = False

    def follow(layer: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal found
        if isinstance(layer, keras.Model):
            raise ValueError(f"it holds the model {layer.name!r} as a layer; call its layers one by one")
        outputs = layer(*args, **kwargs)
        samples, step = 1, 1
        for tensor in _tensors((args, kwargs)):
            before = fields.get(id(tensor), (1, 1))
            samples, step = max(samples, before[0]), max(step, before[1])
        reach = _reach(layer)
        if reach is not None:
            found = True
            samples, step = samples + (reach[0] - 1) * step, step * reach[1]
        for tensor in _tensors(outputs):
            fields[id(tensor)] = samples, step
            kept.append(tensor)
        return outputs

    if isinstance(model, keras.Sequential):
        model = keras.Model(model.inputs, model.outputs)
    try:
        keras.models.clone_model(model, call_function=follow)
    except ValueError as error:
        raise ValueError(f"Expected a Functional model. Received: {model.name!r} ({error}).") from error
    if not found:
        raise ValueError(f"Expected a model with a convolution over time. Received: {model.name!r}, which has none.")
    samples = max(samples for samples, _ in fields.values())
    return ReceptiveField(samples, None if rate is None else samples / rate)


def suggest_depth(window: float, rate: float, model: str = "modern_tcn", **settings: Any) -> int:
    """Choose how deep a model should be, so that its receptive field fits the window: 0.7 to 1.2 of its length.

    Use it before a search, or to set a model up for windows of another length or rate.

    Args:
        window: length of the window in seconds.
        rate: sampling rate in Hz.
        model: name of a registered model whose card names its depth.
        **settings: other settings of the model, which change its field too, such as `stem_kernel`.

    Returns:
        The value for the setting that the model's card names as its depth; of several that fit, the one whose field
        is nearest to the window.

    Raises:
        ValueError: a window or rate that is not above 0, a model without such a setting, or no depth that fits; the
            message then gives the nearest fields.

    Example:
        >>> suggest_depth(2.56, rate=50)
        3
    """
    if not window > 0 or not rate > 0:
        raise ValueError(
            f"Expected a window in s and a rate in Hz above 0. Received: window={window!r}, rate={rate!r}."
        )
    depth_setting = model_card(model).depth
    if depth_setting is None:
        raise ValueError(f"Expected a model whose card names its depth. Received: {model!r}.")
    length = max(1, round(window * rate))
    shares: dict[int, float] = {}
    for depth in range(1, _DEEPEST + 1):
        candidate = create_model(model, (length, 1), 0, **{**settings, depth_setting: depth})
        shares[depth] = receptive_field(candidate).samples / length
        if shares[depth] > LONGEST:
            break
    nearest = min(shares, key=lambda depth: max(shares[depth], 1 / shares[depth]))
    if SHORTEST <= shares[nearest] <= LONGEST:
        return nearest
    near = ", ".join(f"{depth_setting}={depth}: {round(share * length)} samples" for depth, share in shares.items())
    raise ValueError(
        f"Expected a depth of {model} that sees {SHORTEST} to {LONGEST} of the {length} samples. Received: {near}. "
        "Pass another kernel size of the model, or set its depth yourself."
    )


def _reach(layer: Any) -> tuple[int, int] | None:
    """Samples that reach one output of a layer and the step between outputs, or None where it mixes no time."""
    if hasattr(layer, "span"):
        return layer.span, layer.strides
    if isinstance(layer, keras.layers.Conv1D | keras.layers.SeparableConv1D | keras.layers.DepthwiseConv1D):
        return (layer.kernel_size[0] - 1) * layer.dilation_rate[0] + 1, layer.strides[0]
    if isinstance(layer, keras.layers.MaxPooling1D | keras.layers.AveragePooling1D):
        return layer.pool_size[0], layer.strides[0]
    return None


def _tensors(structure: Any) -> Iterator[Any]:
    return (leaf for leaf in keras.tree.flatten(structure) if isinstance(leaf, keras.KerasTensor))
