"""How much worse a model gets without what a sensor says."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np

from kerashar.explanations.importance import Importance
from kerashar.explanations.maps import check_class, checked_samples, gives_numbers, predicted
from kerashar.layers.checks import check_sizes


def channel_importance(
    model: keras.Model,
    windows: np.ndarray,
    labels: np.ndarray,
    groups: Mapping[str, Sequence[int]] | None = None,
    repeats: int = 5,
    seed: int = 0,
    batch_size: int = 64,
) -> Importance:
    """Measure which channels a model needs, by giving each window those of another one.

    Use it to see which sensor could be left at home. A channel, or a group of them together, is exchanged among the
    windows as a whole, so that it stays a real signal but says nothing of the class. Channels that say the same each
    look as if they could be spared: exchange them as one group too. It tells what this model needs, not what another
    one could do without.

    Args:
        model: any registered model, an `Ensemble`, or another Functional one that gives logits `(batch, classes)`.
        windows: `(n, time, channels)` as the model takes them, best such as it hasn't learnt from; images too.
        labels: the class of each, `(n,)`.
        groups: for each name the numbers of its channels; one channel may be in several. Defaults to None: each
            channel by itself.
        repeats: how often they are exchanged; all groups in the same ways. Defaults to 5.
        seed: of the ways in which they are. Defaults to 0.
        batch_size: windows at a time. Defaults to 64.

    Returns:
        What the model reaches, and by how much worse it gets without each group.

    Raises:
        ValueError: windows of another shape or not finite, labels that don't fit them, groups that are empty or of
            channels that there aren't, or a model that gives numbers.

    Example:
        >>> from kerashar.models import create_model
        >>> model = create_model("modern_tcn", (64, 3), 2, hidden=8, blocks=1)
        >>> windows, labels = np.random.default_rng(0).normal(size=(8, 64, 3)), np.arange(8) % 2
        >>> channel_importance(model, windows, labels, {"all": (0, 1, 2)}).drops["accuracy"].shape
        (1, 5)

    Reference:
        Breiman, "Random Forests", 2001; as `sklearn.inspection.permutation_importance`.
    """
    windows = checked_samples(model, windows)
    check_class(model, None)
    check_sizes(repeats=repeats, batch_size=batch_size)
    labels, classes, channels = np.asarray(labels), model.outputs[0].shape[1], windows.shape[-1]
    if gives_numbers(model):
        raise ValueError(f"Expected a model of classes. Received: {model.name!r}, which gives numbers.")
    if (
        labels.shape != (len(windows),)
        or labels.dtype.kind not in "iu"
        or not set(labels.tolist()) <= {*range(classes)}
    ):
        raise ValueError(
            f"Expected a label from 0 to {classes - 1} for each of {len(windows)} windows. "
            f"Received: shape={labels.shape}, {labels.dtype}, {sorted(set(labels.ravel().tolist()))[:20]}."
        )
    groups = {f"channel {number}": (number,) for number in range(channels)} if groups is None else groups
    if not groups:
        raise ValueError("Expected at least one group of channels. Received: none.")
    for name, members in groups.items():
        if not len(members) or not set(members) <= {*range(channels)}:
            raise ValueError(f"Expected channels from 0 to {channels - 1} in {name!r}. Received: {tuple(members)}.")
    reached = _figures(predicted(model, windows, batch_size), labels)
    generator = np.random.default_rng(seed)
    others = [generator.permutation(len(windows)) for _ in range(repeats)]

    def worse(members: Sequence[int], other: np.ndarray) -> dict[str, float]:
        outputs = []
        for start in range(0, len(windows), batch_size):
            mixed = windows[start : start + batch_size].copy()
            mixed[..., list(members)] = windows[other[start : start + batch_size]][..., list(members)]
            outputs.append(predicted(model, mixed, batch_size))
        without = _figures(np.concatenate(outputs), labels)
        rises = {"loss": without["loss"] - reached["loss"]}
        return {name: reached[name] - without[name] for name in without} | rises

    found = [[worse(members, other) for other in others] for members in groups.values()]
    drops = {name: np.array([[each[name] for each in row] for row in found]) for name in reached}
    return Importance(tuple(groups), reached, drops)


def _figures(logits: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Accuracy, macro F1 over the classes that occur among labels or predictions, and cross-entropy in nats."""
    # Slow to import, needed only here.
    from scipy.special import log_softmax
    from sklearn.metrics import f1_score

    said = logits.argmax(axis=1)
    return {
        "accuracy": float(np.mean(said == labels)),
        "macro_f1": float(f1_score(labels, said, average="macro", zero_division=0)),
        "loss": float(-log_softmax(logits, axis=1)[np.arange(len(labels)), labels].mean()),
    }
