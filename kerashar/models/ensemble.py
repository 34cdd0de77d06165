"""Several models as one."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kerashar")
class Ensemble(keras.Model):
    """Averages the probabilities of several trained models.

    Use it where a prediction may cost as much as that of all members together: what they get wrong differs, so that
    the mean is more often right and better calibrated than its members. `distill` puts it into one small model.

    Args:
        members: trained models of the same windows and classes that give logits. They are copied.

    Input shape:
        As the members'.

    Output shape:
        Logits `(batch, num_classes)`: logarithms of the mean probabilities.

    Raises:
        ValueError: no members, or members of different windows or classes.

    Example:
        >>> from kerashar.models import create_model
        >>> members = [create_model("modern_tcn", (32, 2), 3, hidden=4, blocks=1) for _ in range(2)]
        >>> Ensemble(members).output_shape
        (None, 3)

    Reference:
        Lakshminarayanan et al., "Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles", 2017.
        There the members differ by their first weights; here by what they were trained on, too.
    """

    def __init__(self, members: Sequence[keras.Model], name: str = "ensemble") -> None:
        shapes = {(member.input_shape, member.output_shape) for member in members}
        if len(shapes) != 1:
            raise ValueError(
                "Expected at least one member, all of the same windows and classes. "
                f"Received: (input, output) shapes={sorted(map(str, shapes))}."
            )
        copies = [_copy(member, f"member_{number}") for number, member in enumerate(members, start=1)]

        # === Functional model ===
        inputs = keras.Input(copies[0].input_shape[1:], name="window")
        # By log probabilities: those of a sure member are too small to be added as they are.
        logs = [ops.log_softmax(ops.cast(member(inputs), "float32")) for member in copies]
        mean = ops.logsumexp(ops.stack(logs), axis=0) - ops.log(float(len(copies)))
        outputs = keras.layers.Activation("linear", dtype="float32", name="logits")(mean)
        super().__init__(inputs=inputs, outputs=outputs, name=name)

    @property
    def members(self) -> list[keras.Model]:
        """The copies of the members, in order."""
        return [layer for layer in self.layers if isinstance(layer, keras.Model)]

    # === Config ===
    def get_config(self) -> dict[str, Any]:
        return {"members": [_plain(member) for member in self.members], "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> "Ensemble":
        members = [keras.saving.deserialize_keras_object(member, custom_objects) for member in config["members"]]
        return cls(**{**config, "members": members})


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
