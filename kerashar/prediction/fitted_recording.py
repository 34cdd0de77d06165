"""A recording as a model takes it."""

from dataclasses import replace

import keras

from kerashar.data import Recording, at_rate
from kerashar.models import InputCard

_LEAST_SHARE = 0.5  # of the model's rate; what is slower lacks more than half of what the model knows


def signal_card(model: keras.Model) -> InputCard:
    """The card of a model of windows; ValueError for any other model."""
    card: InputCard | None = getattr(model, "input_card", None)
    if card is None or card.item != "window":
        received = "a model of images" if card is not None else f"{model.name!r}, whose file doesn't say what it takes"
        raise ValueError(f"Expected a model of windows that kerashar has trained. Received: {received}.")
    return card


def fitted_recording(recording: Recording, card: InputCard) -> Recording:
    """The recording with the model's channels in its order, at its rate; other units are refused.

    Raises:
        ValueError: a channel is missing or has another unit, or the recording has less than half of the model's rate.
    """
    places = {name: place for place, name in enumerate(recording.channels)}
    wrong = [
        f"{name} in {recording.units[places[name]]} in place of {unit}" if name in places else f"no {name}"
        for name, unit in zip(card.channels, card.units, strict=True)
        if name not in places or recording.units[places[name]] != unit
    ]
    if wrong:
        raise ValueError(
            f"Expected the channels and units that the model was trained on in {recording.recording_id!r}. "
            f"Received: {'; '.join(wrong)}."
        )
    rate = float(card.rate or 0)
    if recording.rate < _LEAST_SHARE * rate:
        raise ValueError(
            f"Expected at least half of the model's {rate:g} Hz in {recording.recording_id!r}. "
            f"Received: {recording.rate:g} Hz. Train a model at a rate that such sensors have."
        )
    order = [places[name] for name in card.channels]
    chosen = replace(recording, signal=recording.signal[:, order], channels=card.channels, units=card.units)
    return chosen if chosen.rate == rate else at_rate(chosen, rate)
