"""Several models as one."""

from collections.abc import Sequence
from typing import Any, Literal, get_args

import keras
import numpy as np
from keras import ops

from kerashar.layers.checks import check_choice

Voting = Literal["mean", "majority"]
_TIE = 1e-3  # of a vote: what the probabilities decide where the votes don't
_LEAST = 1e-30  # in place of 0, which has no logarithm


@keras.saving.register_keras_serializable(package="kerashar")
class Ensemble(keras.Model):
    """Averages the probabilities of several trained models, or counts their votes.

    Use it where a prediction may cost as much as that of all members together: what they get wrong differs, so that
    the mean is more often right and better calibrated than its members. `distill` puts it into one small model.

    Args:
        members: trained models of the same windows and classes that give logits. They are copied.
        weights: how much each counts, at least 0; `kerashar.training.ensemble_weights` finds them. Defaults to None:
            all alike.
        voting: `"mean"` of the probabilities, or `"majority"` of the likeliest classes, of equally many the one with
            the higher mean. Defaults to `"mean"`.

    Input shape:
        As the members'.

    Output shape:
        Logits `(batch, num_classes)`: logarithms of the mean probabilities, or of the shares of the votes.

    Raises:
        ValueError: no members, members of different windows or classes, weights that are not one for each or all 0,
            or an unknown voting.

    Example:
        >>> from kerashar.models import create_model
        >>> members = [create_model("modern_tcn", (32, 2), 3, hidden=4, blocks=1) for _ in range(2)]
        >>> Ensemble(members).output_shape
        (None, 3)

    Reference:
        Lakshminarayanan et al., "Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles", 2017.
        There the members differ by their first weights; here by what they were trained on, too.
    """

    def __init__(
        self,
        members: Sequence[keras.Model],
        weights: Sequence[float] | None = None,
        voting: Voting = "mean",
        name: str = "ensemble",
    ) -> None:
        shapes = {(member.input_shape, member.output_shape) for member in members}
        if len(shapes) != 1:
            raise ValueError(
                "Expected at least one member, all of the same windows and classes. "
                f"Received: (input, output) shapes={sorted(map(str, shapes))}."
            )
        check_choice("voting", voting, get_args(Voting))
        shares = _shares(weights, len(members))
        copies = [_copy(member, f"member_{number}") for number, member in enumerate(members, start=1)]

        # === Functional model ===
        inputs = keras.Input(copies[0].input_shape[1:], name="window")
        # By log probabilities: those of a sure member are too small to be added as they are.
        logs = [ops.log_softmax(ops.cast(member(inputs), "float32")) for member in copies]
        counted = [log + float(np.log(max(share, _LEAST))) for log, share in zip(logs, shares, strict=True)]
        mean = ops.logsumexp(ops.stack(counted), axis=0)
        if voting == "majority":
            classes = copies[0].output_shape[-1]
            votes = [
                share * ops.one_hot(ops.argmax(log, axis=-1), classes) for log, share in zip(logs, shares, strict=True)
            ]
            counted_votes = ops.sum(ops.stack(votes), axis=0) + _TIE * ops.exp(mean)
            mean = ops.log(ops.maximum(counted_votes / (1 + _TIE), _LEAST))
        outputs = keras.layers.Activation("linear", dtype="float32", name="logits")(mean)
        super().__init__(inputs=inputs, outputs=outputs, name=name)
        self.shares = shares
        cards = {getattr(member, "input_card", None) for member in members}
        if len(cards) == 1 and None not in cards:
            self.input_card = cards.pop()
        self.voting: Voting = voting

    @property
    def members(self) -> list[keras.Model]:
        """The copies of the members, in order."""
        return [layer for layer in self.layers if isinstance(layer, keras.Model)]

    # === Config ===
    def get_config(self) -> dict[str, Any]:
        members = [_plain(member) for member in self.members]
        return {"members": members, "weights": self.shares, "voting": self.voting, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> "Ensemble":
        members = [keras.saving.deserialize_keras_object(member, custom_objects) for member in config["members"]]
        return cls(**{**config, "members": members})


def _shares(weights: Sequence[float] | None, count: int) -> list[float]:
    """How much each member counts, with sum 1."""
    given = np.ones(count) if weights is None else np.asarray(weights, np.float64)
    if given.shape != (count,) or not np.isfinite(given).all() or (given < 0).any() or not given.any():
        raise ValueError(f"Expected {count} weights of at least 0, not all 0. Received: weights={weights}.")
    return (given / given.sum()).tolist()


def _plain(model: keras.Model) -> dict[str, Any]:
    """The model as plain data, without what only its training needed."""
    plain: dict[str, Any] = keras.saving.serialize_keras_object(model)
    plain.pop("compile_config", None)
    return plain


def _copy(model: keras.Model, name: str) -> keras.Model:
    plain = _plain(model)
    plain["config"] = {**plain["config"], "name": name}  # members of one kind have one name
    copy: keras.Model = keras.saving.deserialize_keras_object(plain)
    copy.set_weights(model.get_weights())
    return copy
