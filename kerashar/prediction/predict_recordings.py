"""Predictions over whole recordings."""

import math
from collections.abc import Iterable, Iterator

import keras
import numpy as np

from kerashar.data import Recording
from kerashar.models import InputCard
from kerashar.prediction.fitted_recording import fitted_recording, signal_card
from kerashar.prediction.recording_prediction import RecordingPrediction
from kerashar.training.evaluation import predict_logits

_POOL = 4096  # windows at a time: short recordings together, a long one in parts


def predict_recording(
    model: keras.Model, recording: Recording, hop: float | None = None, smoothing: float = 3.0
) -> RecordingPrediction:
    """Say what a whole recording is, over time.

    Use it on recordings of any rate and with more channels than the model takes: the recording is brought to the
    model's rate, and its channels into the model's order. `predict_tables` does the same for files.

    Args:
        model: trained by kerashar, whose `input_card` says which rate, channels and units it takes.
        recording: its segments don't matter.
        hop: seconds from the start of a window to that of the next. Defaults to None: half a window. The last window
            ends with the recording.
        smoothing: seconds over which the probabilities of a moment are averaged. Defaults to 3.

    Returns:
        Labels and confidences of windows and seconds, and segments.

    Raises:
        ValueError: a model without such a card, a recording of other units, without one of the channels, slower than
            half of the model's rate or shorter than a window, or a hop that isn't a sample long.

    Example:
        >>> from kerashar.models import InputCard, create_model
        >>> model = create_model("modern_tcn", (64, 1), 2, hidden=8, blocks=1)
        >>> model.input_card = InputCard("window", ("still", "walking"), (64, 1), 50.0, ("x",), ("g",))
        >>> walk = Recording(np.random.default_rng(0).normal(size=(1000, 1)), 100.0, ("x",), ("g",), "01", "walk", ())
        >>> said = predict_recording(model, walk)
        >>> len(said.windows), said.windows[1]["start"], len(said.seconds)
        (15, 0.64, 10)
    """
    return next(predict_recordings(model, [recording], hop, smoothing))


def predict_recordings(
    model: keras.Model, recordings: Iterable[Recording], hop: float | None = None, smoothing: float = 3.0
) -> Iterator[RecordingPrediction]:
    """As `predict_recording`, for one recording after the other; short ones share the model's batches."""
    card = signal_card(model)
    pool: list[tuple[Recording, np.ndarray]] = []
    held = 0
    for recording in recordings:
        fitted = fitted_recording(recording, card)
        starts = window_starts(fitted, card, hop)
        if held + len(starts) > _POOL:
            yield from _predicted(model, card, pool, smoothing)
            pool, held = [], 0
        pool.append((fitted, starts))
        held += len(starts)
    yield from _predicted(model, card, pool, smoothing)


def window_starts(recording: Recording, card: InputCard, hop: float | None) -> np.ndarray:
    """The first samples of a recording's windows; the last window ends with the recording."""
    length = card.sample_shape[0]
    if hop is not None and not (math.isfinite(hop) and round(hop * recording.rate) >= 1):
        raise ValueError(f"Expected a hop of a sample or more. Received: hop={hop} s.")
    step = max(1, length // 2) if hop is None else round(hop * recording.rate)
    last = len(recording.signal) - length
    if last < 0:
        raise ValueError(
            f"Expected a recording of a window, {length / recording.rate:.2f} s, or more. "
            f"Received: {recording.recording_id!r} of {len(recording.signal) / recording.rate:.2f} s."
        )
    starts = np.arange(0, last + 1, step)
    return starts if starts[-1] == last else np.append(starts, last)


def _predicted(
    model: keras.Model, card: InputCard, pool: list[tuple[Recording, np.ndarray]], smoothing: float
) -> Iterator[RecordingPrediction]:
    from scipy.special import softmax  # slow to import

    if not pool:
        return
    shares = softmax(np.concatenate([predict_logits(model, windows) for windows in _batches(pool, card)]), axis=1)
    ends = np.cumsum([len(starts) for _, starts in pool])
    for (recording, starts), part in zip(pool, np.split(shares, ends[:-1]), strict=True):
        yield RecordingPrediction(
            recording.subject,
            recording.recording_id,
            recording.start + starts / recording.rate,
            card.sample_shape[0] / recording.rate,
            part,
            card.class_names,
            smoothing,
        )


def _batches(pool: list[tuple[Recording, np.ndarray]], card: InputCard) -> Iterator[np.ndarray]:
    views = [
        (np.lib.stride_tricks.sliding_window_view(recording.signal, card.sample_shape)[:, 0], starts)
        for recording, starts in pool
    ]
    if len(views) > 1:  # which fit into a pool
        yield np.concatenate([view[starts] for view, starts in views])
    else:
        view, starts = views[0]
        yield from (view[starts[at : at + _POOL]] for at in range(0, len(starts), _POOL))
