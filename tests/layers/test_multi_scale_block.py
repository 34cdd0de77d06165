import pytest

from kerashar.layers import MultiScaleBlock
from tests.support import check_layer


@pytest.mark.parametrize(
    "settings",
    [
        {"squeeze_reduction": 1},
        {"dilation_rate": 2, "squeeze_reduction": None},
        {"squeeze_reduction": 2, "dropout": 0.2, "stochastic_depth": 0.1, "seed": 1},
    ],
)
def test_layer_check(settings, tmp_path):
    check_layer(lambda **kw: MultiScaleBlock((3, 7), **settings, **kw), (4, 24, 8), tmp_path)


def test_span():
    assert MultiScaleBlock((3, 7), dilation_rate=4).span == 1 + 2 * 6 * 4
