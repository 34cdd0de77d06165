"""Predictions of images that are seen in several ways (test-time augmentation)."""

from collections.abc import Iterator, Sequence
from typing import Literal, get_args

import keras
import numpy as np

from kerashar.names import unknown_name
from kerashar.training.evaluation import predict_logits

View = Literal["flip", "shift"]
_SHIFT = 16  # a shifted image has moved by one part of its side in so many


def predict_views(model: keras.Model, images: np.ndarray, views: Sequence[str] = ("flip",)) -> np.ndarray:
    """Log probabilities from the mean over several views of each image.

    Use it where accuracy is worth more than time: each view costs a prediction. It helps most where the model was
    trained with the same changes. For signals, `predict_recording` averages over windows that overlap.

    Args:
        model: of images, giving logits.
        images: `(n, height, width, channels)` as the model takes them.
        views: `"flip"` adds the mirrored image, `"shift"` the image moved by a sixteenth of its side in each of four
            directions, its edge repeated; both add the moved mirrored ones too. Defaults to `("flip",)`.

    Returns:
        `(n, classes)`, which `top_classes` and others take for logits.

    Raises:
        ValueError: an unknown view or none, or images of another shape than the model takes.

    Example:
        >>> from kerashar.models import create_model
        >>> model = create_model("plain_cnn", (32, 32, 3), 6, widths=(4,), convolutions=1)
        >>> predict_views(model, np.zeros((2, 32, 32, 3)), ("flip", "shift")).shape
        (2, 6)

    Reference:
        Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks", 2012: the mean of the
        probabilities of ten crops; here nothing is cut off, since images of 32 pixels have no edge to spare.
    """
    from scipy.special import log_softmax, logsumexp  # slow to import

    if not views:
        raise ValueError(f"Expected a view or more of {', '.join(get_args(View))}. Received: none.")
    for view in views:
        if view not in get_args(View):
            raise unknown_name("view", view, get_args(View))
    logs = [log_softmax(predict_logits(model, seen).astype(np.float64), axis=1) for seen in _seen(images, views)]
    return (logsumexp(logs, axis=0) - np.log(len(logs))).astype("float32")


def _seen(images: np.ndarray, views: Sequence[str]) -> Iterator[np.ndarray]:
    height, width = images.shape[1:3]
    down, right = max(1, height // _SHIFT), max(1, width // _SHIFT)
    moves = [(0, 0)]
    if "shift" in views:
        moves += [(-down, 0), (down, 0), (0, -right), (0, right)]
    for rows, columns in moves:
        source_rows = np.clip(np.arange(height) - rows, 0, height - 1)
        source_columns = np.clip(np.arange(width) - columns, 0, width - 1)
        moved = images[:, source_rows][:, :, source_columns]
        yield moved
        if "flip" in views:
            yield moved[:, :, ::-1]
