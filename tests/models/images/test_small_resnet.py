import pytest

from kerashar.models import SmallResNet, model_card
from tests.models.images.counts import FIGURES, convolution, dense
from tests.support import random_signal, run

pytestmark = pytest.mark.once


def expected_count(widths, blocks, side, classes):
    count, entry = FIGURES + convolution(3, widths[0], side), widths[0]
    for stage, width in enumerate(widths):
        for index in range(blocks):
            count += convolution(entry, width, side) + convolution(width, width, side)
            if stage and not index:  # strides and a new width: the shortcut is projected
                count += convolution(entry, width, 1)
            entry = width
    return count + dense(entry, classes)


def test_has_the_size_of_its_design():
    assert model_card("small_resnet").parameters == expected_count((32, 64, 128, 256), 1, 7, 6)
    model = SmallResNet((20, 24, 3), 10, widths=(8, 12), blocks=2, kernel_size=5)
    assert model.count_params() == expected_count((8, 12), 2, 5, 10)


def test_takes_any_image_that_its_halvings_leave_a_pixel_of():
    for sides in ((2, 5), (32, 20), (24, 96)):
        settings = {"widths": (4, 8), "blocks": 2, "kernel_size": 3, "squeeze_reduction": 2, "stochastic_depth": 0.2}
        model = SmallResNet((*sides, 1), 3, **settings)
        assert model.get_layer("pool").input.shape[1:3] == tuple(-(-side // 2) for side in sides)
        assert run(model, random_signal(2, *sides, 1)).shape == (2, 3)


def test_later_blocks_lose_their_branch_more_often():
    model = SmallResNet((8, 8, 3), 3, widths=(4, 4), blocks=2, stochastic_depth=0.4, seed=3)
    blocks = [model.get_layer(f"stage_{stage}_block_{index}") for stage in (1, 2) for index in (1, 2)]
    assert [block.stochastic_depth for block in blocks] == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert len({block.seed for block in blocks}) == 4


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"image_shape": (32, 4, 3)}, "at least 8"),
        ({"widths": ()}, r"widths=\(\)"),
        ({"blocks": 0}, "blocks=0"),
        ({"stochastic_depth": 1.0}, "stochastic_depth=1.0"),
        ({"squeeze_reduction": 0}, "reduction=0"),
    ],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        SmallResNet(**{"image_shape": (32, 32, 3), "num_classes": 3, **settings})
