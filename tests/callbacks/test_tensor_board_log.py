import json
import sys
from types import ModuleType

import keras
import numpy as np
import pytest
from keras import ops

from kerashar.callbacks import TensorBoardLog
from kerashar.layers import SelfAttention
from tests.callbacks.tiny_run import RECIPE, FailAt, fit, tiny_model
from tests.support import random_signal


@pytest.fixture(autouse=True)
def read(monkeypatch, tmp_path):
    """Reads the events back with TensorBoard's own reader, which by this name leaves TensorFlow unloaded."""
    monkeypatch.setitem(sys.modules, "tensorboard.compat.notf", ModuleType("notf"))

    def reader():
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

        return EventAccumulator(str(tmp_path / "tensorboard"), {"images": 0, "scalars": 0, "histograms": 0}).Reload()

    return reader


def scalars(events, name):
    return {event.step: event.value for event in events.Scalars(name)}


def picture(event):
    import io

    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(event.encoded_image_string)).convert("L"))


def test_writes_figures_weights_and_the_recipe(tmp_path, read):
    model = tiny_model()
    with TensorBoardLog(tmp_path, RECIPE) as log:
        history = fit(model, log)
        log.log_test({"accuracy": 0.5})
    events = read()
    for name in ("loss", "val_loss"):
        assert scalars(events, name) == pytest.approx(dict(enumerate(history[name], start=1)))
    assert scalars(events, "test_accuracy") == {0: 0.5}
    for weight in model.weights:
        last = events.Histograms(weight.path)[-1]
        values = ops.convert_to_numpy(weight)
        assert (last.step, last.histogram_value.num) == (3, values.size)
        assert last.histogram_value.sum == pytest.approx(values.sum(), abs=1e-6)
    assert not events.Tags()["images"]
    text = events.Tensors("recipe/text_summary")[0].tensor_proto.string_val[0].decode()
    assert json.loads(text.removeprefix("```json").removesuffix("```")) == RECIPE


def test_draws_features(tmp_path, read):
    model = tiny_model()
    windows = random_signal(2, 16, 2, seed=3)
    fit(model, TensorBoardLog(tmp_path, windows=windows), epochs=1)
    events = read()
    assert set(events.Tags()["images"]) == {f"features/{layer}/{n}" for layer in ("first", "last") for n in (0, 1)}
    drawn = picture(events.Images("features/last/1")[0])
    assert drawn.shape == (3, 16)  # a row for each channel
    features = ops.convert_to_numpy(keras.Model(model.inputs[0], model.get_layer("last").output)(windows))[1].T
    grey = (features - features.min()) / (features.max() - features.min())
    np.testing.assert_allclose(drawn / 255, grey, atol=1 / 255)


def test_draws_attention_of_a_model_behind_augmentations(tmp_path, read):
    inputs = keras.Input((8, 4))
    attention = SelfAttention(2, name="attend")
    outputs = keras.layers.Dense(1)(keras.layers.GlobalAveragePooling1D()(attention(inputs)))
    model = keras.Model(inputs, outputs, name="attending")
    noisy = keras.Input((8, 4))
    trained = keras.Model(noisy, model(keras.layers.GaussianNoise(0.1)(noisy)))
    trained.compile("sgd", "mse")
    windows = random_signal(2, 8, 4)
    trained.fit(windows, np.ones((2, 1)), callbacks=[TensorBoardLog(tmp_path, windows=windows[:1])], verbose=0)
    drawn = picture(read().Images("attention/attend/0")[0])
    assert drawn.shape == (8, 16)  # two heads side by side
    weights = np.concatenate(ops.convert_to_numpy(attention.attention_weights(windows[:1]))[0], axis=1)
    grey = (weights - weights.min()) / (weights.max() - weights.min())
    np.testing.assert_allclose(drawn / 255, grey, atol=2 / 255)


def test_channels_of_images_stand_side_by_side(tmp_path, read):
    model = keras.Sequential([keras.Input((6, 5, 1)), keras.layers.Conv2D(3, 3, padding="same", name="conv")])
    model.compile("sgd", "mse")
    log = TensorBoardLog(tmp_path, windows=random_signal(1, 6, 5, 1), layers=["conv"])
    model.fit(random_signal(2, 6, 5, 1), random_signal(2, 6, 5, 3), callbacks=[log], verbose=0)
    assert picture(read().Images("features/conv/0")[0]).shape == (6, 15)


def test_a_run_that_resumes_has_each_epoch_once(tmp_path, read):
    model = tiny_model()
    with pytest.raises(ValueError, match="on purpose"), TensorBoardLog(tmp_path, RECIPE) as log:
        fit(model, log, FailAt(2))
    assert list(scalars(read(), "loss")) == [1, 2]
    history = fit(model, TensorBoardLog(tmp_path, RECIPE), initial_epoch=1)
    events = read()
    assert [event.step for event in events.Scalars("loss")] == [1, 2, 3]
    assert events.Scalars("loss")[1].value == pytest.approx(history["loss"][0])


def test_an_unknown_layer_is_refused(tmp_path):
    with pytest.raises(ValueError, match="No such layer: lost"):
        fit(tiny_model(), TensorBoardLog(tmp_path, windows=random_signal(1, 16, 2), layers=["lost"]), epochs=1)
