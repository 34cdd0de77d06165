"""What layers inside of other layers have in common."""

import inspect
from typing import Any

import keras

from kerashar import backend


class QuickLayer(keras.layers.Layer):
    """A layer that torch calls anew without Keras' checks, once they passed for inputs like these.

    Use it as the base of layers that networks call by the dozen, and as the first one beside a layer of Keras. Keras
    takes 40 to 200 microseconds for a call, as long as the arithmetic of a small layer; a prediction of one image by
    `vit_tiny` has 141 of them. Layers in it that care for `training` must be handed it by name, since there is no
    call of Keras for them to ask.

    Input shape:
        Any.

    Output shape:
        That of the layer.

    Example:
        >>> class Twice(QuickLayer):
        ...     def call(self, inputs):
        ...         return 2 * inputs
        >>> layer = Twice()
        >>> [float(layer(keras.ops.ones((1,)))[0]) for _ in range(2)]
        [2.0, 2.0]
    """

    _takes_training = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._takes_training = "training" in inspect.signature(cls.call).parameters

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        kind = None
        if "training" in kwargs or not self._takes_training:
            kind = backend.kind_of_call(self, args, kwargs)
        if kind is not None and kind == self.__dict__.get("_checked"):
            # Keras' models tell all layers whether they train, also those that don't ask.
            return self.call(*args, **kwargs) if self._takes_training else self.call(*args)
        outputs = super().__call__(*args, **kwargs)
        self.__dict__["_checked"] = kind  # past Keras, which would track it
        return outputs
