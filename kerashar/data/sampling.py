"""Which samples to take, and how often: parts that nest, weights of classes, orders of an epoch."""

import numpy as np


def nested_fraction(labels: np.ndarray, fraction: float, seed: int = 0, groups: np.ndarray | None = None) -> np.ndarray:
    """Choose a part of the samples, so that a smaller part lies within each larger one.

    Use it to see how a score grows with the data: what 25 % holds, 50 % holds too. Each class, and within it each
    group (subject), keeps its share to about one sample, so no subject is lost where it has samples enough, and each
    class keeps one sample at least. Windows that overlap are chosen apart; cut them without overlap if that matters.

    Args:
        labels: `(samples,)` integers.
        fraction: share of the samples, above 0 and up to 1.
        seed: of the draw; parts nest for the same seed.
        groups: `(samples,)`, such as subjects; None takes all as one group.

    Returns:
        Indices in ascending order, `round(fraction * samples)` of them, but at least one per class.

    Raises:
        ValueError: the fraction is out of range, or there are no samples or not as many groups.

    Example:
        >>> labels = np.repeat([0, 1], [80, 20])
        >>> small, large = nested_fraction(labels, 0.25), nested_fraction(labels, 0.5)
        >>> np.bincount(labels[small]).tolist(), set(small) <= set(large)
        ([20, 5], True)
    """
    labels = _checked(labels)
    if not 0 < fraction <= 1:
        raise ValueError(f"Expected 0 < fraction <= 1. Received: fraction={fraction}.")
    groups = np.zeros(len(labels)) if groups is None else np.asarray(groups)
    if groups.shape != labels.shape:
        raise ValueError(f"Expected a group for each of {len(labels)} samples. Received: shape {groups.shape}.")
    generator = np.random.default_rng(seed)
    classes, numbers = np.unique(labels, return_inverse=True)
    names, places = np.unique(groups, return_inverse=True)
    turns = np.empty(len(labels))
    for cell in np.unique(cells := numbers * len(names) + places):
        members = generator.permutation(np.flatnonzero(cells == cell))
        # Evenly spread turns let each cell keep its share; the offset decides who comes first among the cells.
        turns[members] = (np.arange(len(members)) + generator.random()) / len(members)
    for number in range(len(classes)):
        members = np.flatnonzero(numbers == number)
        turns[members[np.argmin(turns[members])]] = -1.0
    count = max(round(fraction * len(labels)), len(classes))
    return np.sort(np.argsort(turns, kind="stable")[:count])


def class_weights(labels: np.ndarray) -> dict[int, float]:
    """Weights that make each class count alike, for `model.fit(..., class_weight=...)`.

    Use it where classes are unequal and all samples should be seen alike often. A class without samples has none.

    Args:
        labels: `(samples,)` integers.

    Returns:
        For each class that occurs, `samples / (classes * samples of the class)`, as scikit-learn's "balanced".

    Raises:
        ValueError: the labels are not integers, or there are none.

    Example:
        >>> class_weights(np.array([0, 0, 0, 1]))
        {0: 0.6666666666666666, 1: 2.0}
    """
    classes, counts = np.unique(_checked(labels), return_counts=True)
    weights = counts.sum() / (len(classes) * counts)
    return dict(zip(classes.tolist(), weights.tolist(), strict=True))


def balanced_class_weights(labels: np.ndarray, num_classes: int) -> list[float]:
    """Weights with which all classes together count alike, and a sample counts 1 on average.

    Use it on the training labels where classes are rare and `create_loss(class_weights=...)` should make up for it.

    Args:
        labels: `(n,)`, whole numbers from 0 to `num_classes - 1`; at least one.
        num_classes: how many classes there are.

    Returns:
        One weight for each class: n / (classes that occur * samples of the class). A class without samples gets 1.

    Raises:
        ValueError: no labels, or labels out of range.

    Example:
        >>> balanced_class_weights(np.array([0, 0, 0, 1]), 3)
        [0.6666666666666666, 2.0, 1.0]

    Reference:
        King and Zeng, "Logistic Regression in Rare Events Data", 2001; scikit-learn's `"balanced"` is the same where
        every class occurs.
    """
    labels = np.asarray(labels)
    if labels.ndim != 1 or not len(labels) or labels.min() < 0 or labels.max() >= num_classes:
        raise ValueError(
            f"Expected labels (n,) from 0 to {num_classes - 1}, n > 0. Received: shape={labels.shape}, "
            f"values={np.unique(labels).tolist()[:10]}."
        )
    known = class_weights(labels)
    return [known.get(label, 1.0) for label in range(num_classes)]


def shuffled_order(count: int, seed: int, epoch: int) -> np.ndarray:
    """All samples in an order that follows from seed and epoch alone.

    Example:
        >>> sorted(shuffled_order(4, seed=0, epoch=7).tolist())
        [0, 1, 2, 3]
    """
    return np.random.default_rng([seed, epoch]).permutation(count)


def balanced_order(labels: np.ndarray, seed: int, epoch: int) -> np.ndarray:
    """Samples of an epoch, each class equally often, in an order that follows from seed and epoch alone.

    Use it where classes are unequal and each batch should hold all. Samples of a class take turns: none comes again
    before all others of its class have come, so over the epochs nothing is left out.

    Args:
        labels: `(samples,)` integers.
        seed: of the order.
        epoch: counted from 0.

    Returns:
        Indices, as many as there are samples, rounded up to the same number of each class.

    Raises:
        ValueError: the labels are not integers, or there are none.

    Example:
        >>> labels = np.array([0, 0, 0, 0, 0, 1])
        >>> labels[balanced_order(labels, seed=0, epoch=0)].sum()
        np.int64(3)
    """
    labels = _checked(labels)
    classes = np.unique(labels)
    each = -(-len(labels) // len(classes))
    turns = np.arange(epoch * each, (epoch + 1) * each)
    chosen = []
    for name in classes.tolist():
        members = np.flatnonzero(labels == name)
        rounds, places = np.divmod(turns, len(members))
        orders = {one: np.random.default_rng([seed, name, one]).permutation(members) for one in np.unique(rounds)}
        chosen += [orders[one][place] for one, place in zip(rounds, places, strict=True)]
    return np.random.default_rng([seed, epoch]).permutation(chosen)


def _checked(labels: np.ndarray) -> np.ndarray:
    labels = np.asarray(labels)
    if labels.ndim != 1 or not len(labels) or labels.dtype.kind not in "iu":
        raise ValueError(f"Expected integer labels (samples,). Received: {labels.dtype}, shape {labels.shape}.")
    return labels
