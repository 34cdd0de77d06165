import json

import keras
import numpy as np
import pytest

from kerashar.layers import ClassificationHead, OrdinalHead, RegressionHead
from kerashar.models import HeadedModel, load_model, save_model
from tests.models.tiny_image_model import tiny_image_model
from tests.support import check_every_weight_learns, random_signal, run, scramble

SMALL = {"hidden": 4, "blocks": 1, "squeeze_reduction": 1, "dropout": 0.0, "stochastic_depth": 0.0}


def check(model, windows, last, tmp_path):
    config = json.loads(json.dumps(model.get_config()))
    assert json.loads(json.dumps(HeadedModel.from_config(config).get_config())) == config
    scramble(model)
    save_model(model, tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    assert isinstance(loaded, HeadedModel)
    np.testing.assert_array_equal(run(loaded, windows), run(model, windows))
    assert model.get_layer(last).output is model.outputs[0]
    check_every_weight_learns(model, windows)


# The comparison of targets trains one on each backend.
@pytest.mark.once
def test_numbers_from_windows(tmp_path):
    head = RegressionHead(40.0, 200.0, "clamp", hidden_layers=1, neurons=8, name="of_my_own")
    model = HeadedModel((32, 3), head, model_settings=SMALL)
    windows = 5 + 3 * random_signal(16, 32, 3)
    model.fit_normalization(windows)
    mean = keras.ops.convert_to_numpy(model.get_layer("trunk").get_layer("normalization").mean)
    np.testing.assert_allclose(mean, windows.mean(axis=(0, 1)), rtol=1e-4)
    check(model, windows, "numbers", tmp_path)


def test_ordered_classes_from_images(tmp_path):
    with tiny_image_model() as name:
        model = HeadedModel((8, 6, 3), OrdinalHead(5), name)
        check(model, random_signal(16, 8, 6, 3), "logits", tmp_path)


@pytest.mark.once
def test_under_mixed_precision():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = HeadedModel((32, 3), RegressionHead(0.0, 1e6), model_settings=SMALL)
    finally:
        keras.config.set_dtype_policy("float32")
    outputs = run(model, random_signal(4, 32, 3))
    assert outputs.dtype == np.float32
    assert np.isfinite(outputs).all()


@pytest.mark.once
def test_what_is_refused():
    with pytest.raises(ValueError, match="trained by gradients"):
        HeadedModel((32, 3), RegressionHead(), "hydra")
    with pytest.raises(ValueError, match="Did you mean 'hidden'"):
        HeadedModel((32, 3), RegressionHead(), model_settings={"hiden": 8})
    with pytest.raises(ValueError, match="the model pools"):
        HeadedModel((32, 3), ClassificationHead(3, pooling="max"))
    with pytest.raises(ValueError, match="Expected a head"):
        HeadedModel((32, 3), keras.layers.Dense(3))
