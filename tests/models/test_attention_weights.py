import keras
import numpy as np
import pytest
from keras import ops

from kerashar.layers import ResidualBlock1D, SelfAttention, TransformerBlock
from kerashar.models import attention_weights, create_model
from tests.support import random_signal


def test_gives_each_layers_weights():
    window = keras.Input((6, 4), name="window")
    outputs = SelfAttention(1, name="first")(window)
    outputs = ResidualBlock1D(4, name="without")(outputs)
    outputs = ResidualBlock1D(4, strides=2, attention_heads=2, name="second")(outputs)
    outputs = TransformerBlock(4, name="third")(outputs)
    model = keras.Model(window, outputs)
    windows = random_signal(4, 6, 4)

    weights = attention_weights(model, windows, batch_size=2)

    assert {name: array.shape for name, array in weights.items()} == {
        "first": (4, 1, 6, 6),
        "second": (4, 2, 3, 3),
        "third": (4, 4, 3, 3),
    }
    for array in weights.values():
        np.testing.assert_allclose(array.sum(axis=-1), 1, atol=1e-5)
    features = windows[2:]
    for layer in model.layers[1:]:
        if layer.name in weights:
            expected = ops.convert_to_numpy(layer.attention_weights(features))
            np.testing.assert_allclose(weights[layer.name][2:], expected, atol=1e-5)
        features = layer(features)


@pytest.mark.once
def test_refuses_a_model_without_attention():
    model = create_model("modern_tcn", (16, 2), 3, hidden=4, blocks=1)
    with pytest.raises(ValueError, match="'modern_tcn', of whose layers none"):
        attention_weights(model, random_signal(2, 16, 2))
    with pytest.raises(ValueError, match="batch_size=0"):
        attention_weights(model, random_signal(2, 16, 2), batch_size=0)
