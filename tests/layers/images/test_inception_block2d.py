import keras
import numpy as np
import pytest

from kerashar.layers.images import InceptionBlock2D
from tests.image_references import convolution_block, max_of_neighbours
from tests.support import check_layer, random_signal, run, scramble


def test_equals_torch():
    block = InceptionBlock2D(8)
    model = keras.Sequential([keras.Input((9, 6, 3)), block])
    scramble(model)
    image = random_signal(2, 9, 6, 3)
    weights = {weight.path.split("/")[-3] for weight in block.weights}
    assert weights == {"point_1", "square_1", "square_2", *(f"double_square_{n}" for n in (1, 2, 3)), "pooled_1"}
    outputs = [image, image, image, max_of_neighbours(image)]
    for index, branch in enumerate((block.point, block.square, block.double_square, block.pooled)):
        for convolution in branch:
            outputs[index] = convolution_block(outputs[index], convolution)
    np.testing.assert_allclose(run(model, image), np.concatenate(outputs, axis=-1), atol=1e-5)


def test_has_kernels_of_1x1_3x3_and_5x5():
    block = InceptionBlock2D(8)
    reach = [1 + sum(convolution.kernel_size - 1 for convolution in branch) for branch in block.branches]
    assert reach == [1, 3, 5, 1]


@pytest.mark.parametrize("settings", [{}, {"normalization": "layer", "activation": "gelu"}])
def test_layer_check(settings, tmp_path):
    check_layer(lambda **kw: InceptionBlock2D(16, **settings, **kw), (4, 6, 5, 3), tmp_path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"filters": 0}, "filters=0"), ({"filters": 6}, "multiple of 4"), ({"normalization": "bach"}, "batch")],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        InceptionBlock2D(**{"filters": 4, **settings})
