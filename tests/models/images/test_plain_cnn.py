import keras
import pytest

from kerashar.models import PlainCNN, model_card
from tests.models.images.counts import FIGURES, convolution, dense
from tests.support import random_signal, run

pytestmark = pytest.mark.once


def expected_count(widths, convolutions, side, classes):
    count, entry = FIGURES, 3
    for width in widths:
        for _ in range(convolutions):
            count += convolution(entry, width, side)
            entry = width
    return count + dense(entry, classes)


def test_has_the_size_of_its_design():
    assert model_card("plain_cnn").parameters == expected_count((32, 64, 128), 2, 3, 6)
    model = PlainCNN((20, 24, 3), 10, widths=(8, 12), convolutions=1, kernel_size=5)
    assert model.count_params() == expected_count((8, 12), 1, 5, 10)


@pytest.mark.parametrize("downsampling", ["max", "average", "strided"])
@pytest.mark.parametrize("pooling", ["average", "max"])
def test_every_option_works_at_any_size(downsampling, pooling):
    for sides in ((9, 4), (32, 20)):
        model = PlainCNN(
            (*sides, 1),
            3,
            widths=(4, 8, 8),
            convolutions=1,
            downsampling=downsampling,
            normalization="group",
            activation="prelu",
            pooling=pooling,
        )
        assert run(model, random_signal(2, *sides, 1)).shape == (2, 3)


@pytest.mark.parametrize(("downsampling", "sides"), [("max", (2, 4)), ("average", (2, 4)), ("strided", (3, 5))])
def test_each_stage_halves_the_image(downsampling, sides):
    model = PlainCNN((9, 17, 3), 3, widths=(4, 4, 4), downsampling=downsampling)
    assert model.get_layer("pool").input.shape[1:3] == sides


def test_pools_as_asked():
    average, largest = (PlainCNN((8, 8, 3), 0, widths=(4,), pooling=pooling) for pooling in ("average", "max"))
    assert isinstance(average.get_layer("pool"), keras.layers.GlobalAveragePooling2D)
    assert isinstance(largest.get_layer("pool"), keras.layers.GlobalMaxPooling2D)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"image_shape": (32, 3)}, r"image_shape=\(32, 3\)"),
        ({"image_shape": (32, 3, 3)}, "at least 4"),
        ({"num_classes": -1}, "num_classes=-1"),
        ({"widths": ()}, r"widths=\(\)"),
        ({"widths": 32}, "widths=32"),
        ({"widths": (8, 0)}, "widths=0"),
        ({"convolutions": 0}, "convolutions=0"),
        ({"downsampling": "maxx"}, "Did you mean 'max'"),
        ({"pooling": "averge"}, "Did you mean 'average'"),
        ({"activation": "rellu"}, "relu"),
        ({"dropout": 1.0}, "rate=1.0"),
    ],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        PlainCNN(**{"image_shape": (32, 32, 3), "num_classes": 3, **settings})
