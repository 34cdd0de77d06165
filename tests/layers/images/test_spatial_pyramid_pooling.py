import keras
import numpy as np
import pytest
import torch

from kerashar.layers.images import SpatialPyramidPooling
from tests.support import check_layer, random_signal, run


@pytest.mark.parametrize("sides", [(8, 8), (4, 9), (7, 5)])
def test_equals_torch(sides):
    image = random_signal(2, *sides, 3)
    model = keras.Sequential([keras.Input((*sides, 3)), SpatialPyramidPooling()])
    channels_first = torch.tensor(image).permute(0, 3, 1, 2)
    pooled = [torch.nn.functional.adaptive_max_pool2d(channels_first, grid).permute(0, 2, 3, 1) for grid in (4, 2, 1)]
    expected = torch.cat([cells.flatten(1) for cells in pooled], dim=1)
    np.testing.assert_array_equal(run(model, image), expected.numpy())


def test_equals_numpy_where_cells_divide_the_image():
    image = random_signal(2, 4, 6, 3)
    model = keras.Sequential([keras.Input((4, 6, 3)), SpatialPyramidPooling((2, 1))])
    quarters = image.reshape(2, 2, 2, 2, 3, 3).max(axis=(2, 4)).reshape(2, 12)
    expected = np.concatenate([quarters, image.max(axis=(1, 2))], axis=1)
    np.testing.assert_array_equal(run(model, image), expected)


def test_layer_check(tmp_path):
    check_layer(lambda **kw: SpatialPyramidPooling((3, 1), **kw), (4, 6, 5, 3), tmp_path)


def test_refuses_an_image_smaller_than_a_grid():
    with pytest.raises(ValueError, match=r"at least 4. Received: image_shape=\(8, 3, 2\)"):
        SpatialPyramidPooling()(random_signal(1, 8, 3, 2))


@pytest.mark.parametrize(("grids", "message"), [((), r"grids=\(\)"), ((2, 0), "grid=0")])
def test_refuses_bad_settings(grids, message):
    with pytest.raises(ValueError, match=message):
        SpatialPyramidPooling(grids)
