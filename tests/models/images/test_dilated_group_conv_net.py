import pytest

from kerashar.models import DilatedGroupConvNet, model_card
from tests.models.images.counts import FIGURES, convolution, dense
from tests.support import random_signal, run

pytestmark = pytest.mark.once


def expected_count(widths, blocks, side, dilations, groups, classes):
    count, entry = FIGURES + convolution(3, widths[0], 3), widths[0]
    for stage, width in enumerate(widths):
        for index in range(blocks):
            count += convolution(entry, width, 1) + convolution(width, width, 1)
            count += dilations * convolution(width, width, side, groups)
            if stage and not index:  # strides and a new width: the shortcut is projected
                count += convolution(entry, width, 1)
            entry = width
    return count + dense(entry, classes)


def test_has_the_size_of_its_design():
    assert model_card("dilated_group_conv_net").parameters == expected_count((64, 128), 2, 7, 3, 8, 6)
    settings = {"widths": (8, 12), "blocks": 1, "kernel_size": 3, "dilation_rates": (1, 3), "groups": 4}
    assert DilatedGroupConvNet((20, 24, 3), 10, **settings).count_params() == expected_count((8, 12), 1, 3, 2, 4, 10)


def test_halves_any_image_by_strides():
    for sides in ((2, 5), (32, 20)):
        model = DilatedGroupConvNet((*sides, 3), 3, widths=(4, 8), blocks=2, kernel_size=3, groups=2)
        assert model.get_layer("pool").input.shape[1:3] == tuple(-(-side // 2) for side in sides)
        assert run(model, random_signal(2, *sides, 3)).shape == (2, 3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"image_shape": (32, 1, 3)}, "at least 2"),
        ({"widths": ()}, r"widths=\(\)"),
        ({"widths": (12,)}, "multiple of groups=8"),
        ({"dilation_rates": (2, 4)}, "first dilation rate of 1"),
        ({"blocks": 0}, "blocks=0"),
    ],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        DilatedGroupConvNet(**{"image_shape": (32, 32, 3), "num_classes": 3, **settings})
