"""What a model no longer says when a part is hidden."""

from itertools import product

import keras
import numpy as np

from kerashar.explanations.maps import baselines, check_class, checked_samples, chosen_classes, gives_numbers, predicted
from kerashar.layers.checks import check_sizes

Patch = tuple[slice, ...]


def occlusion(
    model: keras.Model,
    samples: np.ndarray,
    class_index: int | None = None,
    size: int | None = None,
    stride: int | None = None,
    fill: np.ndarray | float | None = None,
    per_channel: bool = False,
    batch_size: int = 64,
) -> np.ndarray:
    """Map by how much a class loses when a stretch of time, or a square of an image, is hidden.

    Use it on any model, also those without gradients and ensembles: it only predicts, once for each stretch and
    sample. The numbers are drops of the class's softmax probability, so they compare between samples: 0.4 at some
    moment means that a probability of 0.9 falls to 0.5 without it. Below 0 hiding helps the class. Where two parts
    say the same, hiding one changes little.

    Args:
        model: any registered model, an `Ensemble`, or another Functional one that gives logits `(batch, classes)`.
            With a `RegressionHead` the drop is that of the number.
        samples: windows `(n, time, channels)` or images `(n, height, width, channels)` as the model takes them.
        class_index: which class. Defaults to None: for each sample the one that the model predicts.
        size: length of a stretch in samples, or side of a square in pixels. Defaults to None: an eighth of the
            window, or of the image's shorter side.
        stride: step from one stretch to the next, at most `size`. Defaults to None: half of it.
        fill: what is seen in place of what is hidden: a sample, one for each, or a value for each channel, in the
            model's units. Defaults to None: each sample's mean per channel, which is a sensor that keeps still, or
            an image's mean colour.
        per_channel: whether each channel is hidden by itself. Defaults to False: all at once.
        batch_size: samples at a time; as many copies are in memory. Defaults to 64.

    Returns:
        float32 `(n, time)` or `(n, height, width)`, with `per_channel` as the samples: at each place the mean drop
        over the stretches that cover it. The last one ends where the sample ends.

    Raises:
        ValueError: samples of another shape or not finite, a class that there isn't, sizes that don't fit the
            samples, or a fill of another shape.

    Example:
        >>> from kerashar.models import create_model
        >>> model = create_model("mini_rocket", (64, 3), 6, num_features=84)
        >>> occlusion(model, np.random.default_rng(0).normal(size=(2, 64, 3)), size=8).shape
        (2, 64)

    Reference:
        Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", 2014.
    """
    samples = checked_samples(model, samples)
    check_class(model, class_index)
    fills = baselines(samples, fill=fill)
    *places, channels = samples.shape[1:]
    size = max(1, min(places) // 8) if size is None else size
    stride = max(1, size // 2) if stride is None else stride
    check_sizes(size=size, stride=stride, batch_size=batch_size)
    if size > min(places) or stride > size:
        raise ValueError(
            f"Expected size at most {min(places)}, and stride at most size. Received: size={size}, stride={stride}."
        )

    def scores(inputs: np.ndarray) -> np.ndarray:
        from scipy.special import softmax  # slow to import, needed only here

        outputs = predicted(model, inputs, batch_size)
        return outputs if gives_numbers(model) else softmax(outputs, axis=1)

    before = scores(samples)
    classes = chosen_classes(before, class_index)
    along = [_stretches(length, size, stride) for length in places]
    of_channels = [slice(at, at + 1) for at in range(channels)] if per_channel else [slice(None)]
    patches: list[Patch] = list(product(*along, of_channels))
    covered = np.zeros(samples.shape[1:])
    for patch in patches:
        covered[patch] += 1
    maps = np.zeros(samples.shape)
    pairs = list(product(range(len(samples)), patches))
    for start in range(0, len(pairs), batch_size):
        batch = pairs[start : start + batch_size]
        numbers = [number for number, _ in batch]
        hidden = samples[numbers]
        for copy, (number, patch) in zip(hidden, batch, strict=True):
            copy[patch] = fills[number][patch]
        after = scores(hidden)[np.arange(len(batch)), classes[numbers]]
        for (number, patch), score in zip(batch, after, strict=True):
            maps[number][patch] += before[number, classes[number]] - score
    maps = (maps / covered).astype("float32")
    return maps if per_channel else maps[..., 0]


def _stretches(length: int, size: int, stride: int) -> list[slice]:
    starts = sorted({*range(0, length - size, stride), length - size})
    return [slice(start, start + size) for start in starts]
