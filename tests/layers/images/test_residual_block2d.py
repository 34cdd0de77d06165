import keras
import numpy as np
import pytest
from keras import ops

from kerashar.layers.images import DilatedGroupBlock2D, ResidualBlock2D
from tests.image_references import convolution_block
from tests.references import sigmoid
from tests.support import check_layer, random_signal, run, scramble


def expected_outputs(block, image):
    """The formula at inference, with ReLU and batch normalisation, from the block's weights."""
    branch = image
    for convolution in block.branch:
        branch = convolution_block(branch, convolution)
    if block.squeeze_excite is not None:
        first, second = block.squeeze_excite.squeeze.get_weights(), block.squeeze_excite.excite.get_weights()
        hidden = np.maximum(branch.mean(axis=(1, 2)) @ first[0] + first[1], 0)
        branch = branch * sigmoid(hidden @ second[0] + second[1])[:, None, None]
    shortcut = image if block.projection is None else convolution_block(image, block.projection)
    return np.maximum(shortcut + branch, 0)


def check_formula(block):
    model = keras.Sequential([keras.Input((9, 7, 4)), block])
    scramble(model)
    image = random_signal(2, 9, 7, 4)
    np.testing.assert_allclose(run(model, image), expected_outputs(block, image), atol=2e-5)


@pytest.mark.parametrize(
    ("filters", "settings", "projected"),
    [
        (4, {}, False),
        (6, {"kernel_size": 3, "squeeze_reduction": 2}, True),
        (4, {"strides": 2, "stochastic_depth": 0.5}, True),
    ],
)
def test_equals_torch(filters, settings, projected):
    block = ResidualBlock2D(filters, **settings)
    check_formula(block)
    assert (block.projection is not None) == projected
    assert [convolution.kernel_size for convolution in block.branch] == [settings.get("kernel_size", 7)] * 2
    assert [convolution.activation for convolution in block.branch] == ["relu", None]


@pytest.mark.parametrize(
    ("filters", "settings"), [(4, {"groups": 2, "kernel_size": 3}), (8, {"groups": 4, "strides": 2})]
)
def test_dilated_groups_equal_torch(filters, settings):
    block = DilatedGroupBlock2D(filters, **settings)
    check_formula(block)
    assert [convolution.kernel_size for convolution in block.branch] == [1, *[block.kernel_size] * 3, 1]
    assert [convolution.dilation_rate for convolution in block.branch] == [1, 1, 2, 4, 1]
    assert [convolution.groups for convolution in block.branch] == [1, *[block.groups] * 3, 1]
    assert [convolution.strides for convolution in block.branch] == [1, block.strides, 1, 1, 1]


def test_dilated_groups_reach_as_far_as_documented():
    block = DilatedGroupBlock2D(2, groups=1)
    block.build((None, 49, 1, 2))
    column = np.zeros((1, 49, 1, 2), "float32")
    column[0, 24] = np.nan
    reached = np.flatnonzero(np.isnan(ops.convert_to_numpy(block(column))).any(axis=(0, 2, 3)))
    assert (reached[0], reached[-1]) == (24 - 21, 24 + 21)


def test_stochastic_depth_drops_the_branch_of_some_samples():
    block = ResidualBlock2D(4, 3, stochastic_depth=0.5, seed=1)
    image = np.abs(random_signal(64, 5, 5, 4))
    outputs = ops.convert_to_numpy(block(image, training=True))
    alone = (outputs == image).all(axis=(1, 2, 3))
    assert 16 < alone.sum() < 48


@pytest.mark.parametrize(
    "make",
    [
        lambda **kw: ResidualBlock2D(4, 3, **kw),
        lambda **kw: ResidualBlock2D(
            6, 3, 2, "group", "prelu", squeeze_reduction=2, stochastic_depth=0.2, seed=1, **kw
        ),
        lambda **kw: DilatedGroupBlock2D(4, 3, (1, 2), 2, strides=2, normalization="layer", **kw),
    ],
)
def test_layer_check(make, tmp_path):
    keras.utils.set_random_seed(1)
    check_layer(make, (4, 7, 6, 4), tmp_path)


@pytest.mark.parametrize(
    ("make", "settings", "message"),
    [
        (ResidualBlock2D, {"filters": 0}, "filters=0"),
        (ResidualBlock2D, {"strides": 0}, "strides=0"),
        (ResidualBlock2D, {"stochastic_depth": 1.0}, "stochastic_depth=1.0"),
        (ResidualBlock2D, {"normalization": "bach"}, "Did you mean 'batch'"),
        (DilatedGroupBlock2D, {"groups": 3}, "multiple of groups=3"),
        (DilatedGroupBlock2D, {"groups": 0}, "groups=0"),
        (DilatedGroupBlock2D, {"dilation_rates": ()}, r"dilation_rates=\(\)"),
        (DilatedGroupBlock2D, {"dilation_rates": (1, 0)}, "dilation_rate=0"),
        (DilatedGroupBlock2D, {"dilation_rates": (2, 4), "strides": 2}, "first dilation rate of 1"),
    ],
)
def test_refuses_bad_settings(make, settings, message):
    with pytest.raises(ValueError, match=message):
        make(**{"filters": 8, **settings})
