import json

import keras
import numpy as np
import pytest
from keras import ops

from kerashar.layers import HydraFeatures, MiniRocketFeatures
from kerashar.models import load_model, save_model
from tests.support import random_signal, run, scramble

LAYERS = {
    "mini_rocket": lambda **kw: MiniRocketFeatures(num_features=200, max_dilations=2, seed=5, **kw),
    "hydra": lambda **kw: HydraFeatures(kernels=3, groups=2, seed=5, **kw),
}


@pytest.mark.parametrize("name", list(LAYERS))
def test_layer_check(name, tmp_path):
    # What check_layer asks, but for a gradient: rounding and counting let none through.
    layer, inputs = LAYERS[name](), random_signal(4, 16, 3)
    config = layer.get_config()
    again = type(layer).from_config(json.loads(json.dumps(keras.saving.serialize_keras_object(layer)))["config"])
    assert again.get_config() == config
    entry = keras.Input((16, 3))
    model = keras.Model(entry, layer(entry))
    assert model.trainable_weights == []
    scramble(model)
    outputs = run(model, inputs)
    assert outputs.shape == (4, model.output_shape[1])
    save_model(model, tmp_path / "layer.keras")
    np.testing.assert_array_equal(run(load_model(tmp_path / "layer.keras"), inputs), outputs)
    for policy in ("mixed_bfloat16", "mixed_float16"):
        mixed = LAYERS[name](dtype=policy)(inputs)
        assert keras.backend.standardize_dtype(mixed.dtype) == policy.removeprefix("mixed_")
        assert np.isfinite(ops.convert_to_numpy(ops.cast(mixed, "float32"))).all()


@pytest.mark.parametrize("name", list(LAYERS))
def test_values_beyond_the_grid_go_to_its_end(name):
    signal = random_signal(1, 16, 3)
    signal[0, 5, 0] = 15
    beyond = signal.copy()
    beyond[0, 5, 0] = 1e6
    layer = LAYERS[name]()
    np.testing.assert_array_equal(ops.convert_to_numpy(layer(beyond)), ops.convert_to_numpy(layer(signal)))


@pytest.mark.parametrize("shape", [(None, 3), (8, 3), (20, None)])
@pytest.mark.parametrize("name", list(LAYERS))
def test_refuses_a_window_it_cannot_plan_for(name, shape):
    with pytest.raises(ValueError, match="known"):
        LAYERS[name]()(keras.Input(shape))
