import keras
import numpy as np
import pytest
from keras import ops

from kerashar.layers import PatchConv1D
from tests.support import check_layer, random_signal, run


def by_definition(signal, kernel, stride):
    """Patch by patch; steps past the end are the last one."""
    size, time = len(kernel), signal.shape[1]
    starts = range(0, max(time // stride, 1) * stride, stride)
    patches = [signal[:, np.minimum(np.arange(start, start + size), time - 1)] for start in starts]
    return np.stack([np.einsum("bpvc,pcf->bvf", patch, kernel) for patch in patches], axis=1)


@pytest.mark.parametrize(("size", "stride"), [(5, 2), (3, 3)])
def test_equals_the_definition(size, stride):
    layer = PatchConv1D(4, size, stride)
    model = keras.Sequential([keras.Input((None, 2, 3)), layer])
    for time in (1, 7, 12):
        signal = random_signal(2, time, 2, 3)
        expected = by_definition(signal, ops.convert_to_numpy(layer.kernel), stride)
        assert layer.compute_output_shape(signal.shape) == expected.shape
        np.testing.assert_allclose(run(model, signal), expected, atol=1e-5)


@pytest.mark.parametrize("use_bias", [True, False])
def test_layer_check(use_bias, tmp_path):
    check_layer(lambda **kw: PatchConv1D(4, 5, 2, use_bias, **kw), (4, 11, 2, 3), tmp_path)


def test_span():
    assert (PatchConv1D(4, 8, 3).span, PatchConv1D(4, 8, 3).strides) == (8, 3)


@pytest.mark.parametrize(
    ("settings", "message"), [({"filters": 0}, "filters=0"), ({"patch_stride": 6}, "patch_stride=6, patch_size=5")]
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        PatchConv1D(**{"filters": 4, "patch_size": 5, "patch_stride": 2, **settings})
