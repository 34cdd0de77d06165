import pytest

from kerashar.models import DenseNet7x7, model_card
from tests.models.images.counts import FIGURES, dense
from tests.support import random_signal, run

pytestmark = pytest.mark.once


def expected_count(growth, blocks, side, classes):
    count, channels = FIGURES + 3 * side * side * 2 * growth, 2 * growth
    for number, depth in enumerate(blocks):
        if number:  # a 1x1 halves the channels
            count += channels * (channels // 2)
            channels //= 2
        for _ in range(depth):
            count += 4 * channels + side * side * channels * growth
            channels += growth
        count += 4 * channels
    return count + dense(channels, classes)


def test_has_the_size_of_its_design():
    assert model_card("dense_net_7x7").parameters == expected_count(16, (3, 6, 12, 8), 7, 6)
    model = DenseNet7x7((20, 24, 3), 10, growth=5, blocks=(1, 2, 1), kernel_size=3)
    assert model.count_params() == expected_count(5, (1, 2, 1), 3, 10)


def test_keeps_the_size_of_any_image():
    for sides in ((1, 3), (32, 20)):
        model = DenseNet7x7((*sides, 1), 3, growth=2, blocks=(1, 2), normalization="layer", activation="prelu")
        assert model.get_layer("pool").input.shape[1:3] == sides
        assert run(model, random_signal(2, *sides, 1)).shape == (2, 3)


def test_dropouts_of_different_blocks_draw_apart():
    model = DenseNet7x7((8, 8, 3), 3, growth=2, blocks=(2, 3, 2), seed=5)
    seeds = [drop.seed for number in (1, 2, 3) for drop in model.get_layer(f"block_{number}").dropouts]
    assert len(set(seeds)) == 7


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"image_shape": (32, 3)}, r"image_shape=\(32, 3\)"),
        ({"blocks": ()}, r"blocks=\(\)"),
        ({"growth": 0}, "growth=0"),
        ({"dropout": 1.0}, "dropout=1.0"),
    ],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        DenseNet7x7(**{"image_shape": (32, 32, 3), "num_classes": 3, **settings})
