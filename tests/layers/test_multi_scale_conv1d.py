import numpy as np
import pytest
from keras import ops

from kerashar.layers import MultiScaleConv1D
from tests.references import convolve
from tests.support import check_layer, random_signal


def test_puts_the_scales_side_by_side():
    layer = MultiScaleConv1D(7, (2, 3, 6), strides=2, dilation_rate=2, use_bias=False)
    signal = random_signal(2, 17, 3)
    outputs = ops.convert_to_numpy(layer(signal))
    parts = [convolve(signal, ops.convert_to_numpy(scale.kernel), "same", 2, 2) for scale in layer.scales]
    assert [part.shape[-1] for part in parts] == [3, 2, 2]
    np.testing.assert_allclose(outputs, np.concatenate(parts, axis=-1), atol=1e-5)
    assert layer.span == 11


def test_layer_check(tmp_path):
    check_layer(lambda **kw: MultiScaleConv1D(5, (1, 4), **kw), (4, 12, 3), tmp_path)


@pytest.mark.parametrize("kernel_sizes", [(), (3, 5, 7)])
def test_refuses_kernels_without_filters(kernel_sizes):
    with pytest.raises(ValueError, match="1 to 2 kernel sizes"):
        MultiScaleConv1D(2, kernel_sizes)
