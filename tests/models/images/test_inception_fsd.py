import pytest

from kerashar.models import InceptionFSD, model_card
from tests.models.images.counts import FIGURES, convolution, dense
from tests.support import random_signal, run

pytestmark = pytest.mark.once


def inception(entry, filters):
    """1x1; 1x1 and 3x3; 1x1 and two 3x3; pooling and 1x1."""
    width = filters // 4
    return 4 * convolution(entry, width, 1) + 3 * convolution(width, width, 3)


def expected_count(widths, blocks, cells, classes):
    count, entry = FIGURES + convolution(3, widths[0], 3), widths[0]
    for stage, width in enumerate(widths):
        if stage:  # squares of 2x2 pixels
            count += convolution(4 * entry, width, 3)
        count += blocks * inception(width, width)
        entry = width
    return count + dense(entry * cells, classes)


def test_has_the_size_of_its_design():
    assert model_card("inception_fsd").parameters == expected_count((64, 128, 256), 2, 16 + 4 + 1, 6)
    model = InceptionFSD((20, 24, 3), 10, widths=(8, 16), blocks=1, grids=(2, 1))
    assert model.count_params() == expected_count((8, 16), 1, 4 + 1, 10)


@pytest.mark.parametrize("sides", [(8, 10), (32, 20), (24, 48)])
def test_features_of_images_of_any_size_are_as_many(sides):
    model = InceptionFSD((*sides, 3), 0, widths=(4, 8), blocks=1)
    assert run(model, random_signal(2, *sides, 3)).shape == (2, 21 * 8)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"image_shape": (30, 32, 3)}, "multiples of 4"),
        ({"image_shape": (12, 32, 3)}, "at least 16"),
        ({"widths": ()}, r"widths=\(\)"),
        ({"widths": (6,)}, "multiple of 4"),
        ({"grids": ()}, r"grids=\(\)"),
        ({"blocks": 0}, "blocks=0"),
    ],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        InceptionFSD(**{"image_shape": (32, 32, 3), "num_classes": 3, **settings})
