import keras
import pytest

from kerashar.models import create_model, list_models, model_card, receptive_field, suggest_depth
from kerashar.models.receptive_field import LONGEST, SHORTEST

pytestmark = pytest.mark.once


def test_keras_own_layers_count_too():
    window = keras.Input((100, 3))
    deep = keras.layers.Conv1D(4, 5, strides=2)(window)
    deep = keras.layers.MaxPooling1D(2)(deep)
    deep = keras.layers.DepthwiseConv1D(3, dilation_rate=2)(deep)
    model = keras.Model(window, keras.layers.Add()([deep, keras.layers.Conv1D(4, 1)(deep)]))
    field = receptive_field(model, rate=20)
    assert field.samples == 1 + 4 + 1 * 2 + 4 * 4
    assert field.seconds == field.samples / 20


def test_the_model_stays_as_it_was():
    model = create_model("modern_tcn", (32, 2), 3, hidden=4)
    assert receptive_field(model) == receptive_field(model)
    assert model.get_layer("logits").output is model.outputs[0]


@pytest.mark.parametrize("rate", [0, -50.0, float("nan")])
def test_refuses_a_rate_that_is_not_above_zero(rate):
    with pytest.raises(ValueError, match="rate"):
        receptive_field(create_model("modern_tcn", (32, 2), 3, hidden=4), rate)
    with pytest.raises(ValueError, match="rate"):
        suggest_depth(2.56, rate)


def test_a_sequential_model_is_followed_and_a_nested_one_refused():
    inner = keras.Sequential([keras.Input((50, 2)), keras.layers.Conv1D(4, 7), keras.layers.ReLU()])
    assert receptive_field(inner).samples == 7
    window = keras.Input((50, 2))
    with pytest.raises(ValueError, match="as a layer"):
        receptive_field(keras.Model(window, keras.layers.Dense(2)(inner(window))))


def test_refuses_a_model_without_convolutions():
    with pytest.raises(ValueError, match="convolution over time"):
        receptive_field(keras.Sequential([keras.Input((8, 2)), keras.layers.Flatten(), keras.layers.Dense(2)]))


@pytest.mark.parametrize("model", [name for name in list_models() if model_card(name).depth])
def test_a_suggested_depth_fits_the_window(model):
    depth = suggest_depth(3.0, 50, model)
    settings = {model_card(model).depth: depth}
    share = receptive_field(create_model(model, (150, 1), 0, **settings)).samples / 150
    assert SHORTEST <= share <= LONGEST


def test_a_window_that_no_depth_fits_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match=r"blocks=1: 53 samples\. Pass another"):
        suggest_depth(0.2, 50)
    assert suggest_depth(0.24, 50, stem_kernel=1, kernel_sizes=(3,)) == 2
