"""What models say that they take, and whether data are that."""

import keras

from kerashar.data import WindowSet
from kerashar.data.sample_set import SampleSet
from kerashar.models import InputCard


def card_of(samples: SampleSet) -> InputCard:
    """The card of a model that is trained on these samples."""
    signal = {}
    if isinstance(samples, WindowSet):
        signal = {"rate": float(samples.rate), "channels": samples.channels, "units": samples.units}
    return InputCard(samples.item, samples.class_names, samples.sample_shape, **signal)


def check_fits(model: keras.Model, samples: SampleSet) -> None:
    """Refuse samples of another kind, rate, channels, units or classes than the model was trained on.

    A model without a card, such as one of your own training loop, takes all that has its shape.

    Raises:
        ValueError: what is different, and what the model takes.
    """
    card: InputCard | None = getattr(model, "input_card", None)
    if card is None:
        return
    given = card_of(samples)
    different = card.differences(given)
    if card.class_names and card.class_names != given.class_names:
        different.append(f"classes {list(given.class_names)} in place of {list(card.class_names)}")
    if different:
        raise ValueError(f"Expected {samples.item}s as the model was trained on. Received: {'; '.join(different)}.")
