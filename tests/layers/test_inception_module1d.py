import keras
import numpy as np
import pytest

from kerashar.layers import InceptionModule1D
from tests.references import batch_normalise, convolve
from tests.support import check_layer, random_signal, run, scramble


def max_of_neighbours(signal):
    padded = np.pad(signal, ((0, 0), (1, 1), (0, 0)), constant_values=-np.inf)
    return np.maximum(np.maximum(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])


@pytest.mark.parametrize(("channels", "bottleneck"), [(3, 2), (3, None), (1, 2)])
def test_equals_the_definition(channels, bottleneck):
    module = InceptionModule1D(2, (6, 3), bottleneck)
    model = keras.Sequential([keras.Input((None, channels)), module])
    scramble(model)
    assert (module.narrow is None) == (bottleneck is None or channels == 1)
    for time in (1, 9):
        signal = random_signal(2, time, channels, seed=time)
        narrowed = signal if module.narrow is None else convolve(signal, *module.narrow.get_weights())
        branches = [convolve(narrowed, *scale.get_weights()) for scale in module.scales]
        branches.append(convolve(max_of_neighbours(signal), *module.pool_projection.get_weights()))
        normalised = batch_normalise(np.concatenate(branches, axis=-1), module.norm, epsilon=1e-3)
        np.testing.assert_allclose(run(model, signal), np.maximum(normalised, 0), atol=1e-5)


def test_span_is_the_longest_branchs():
    assert InceptionModule1D().span == 40
    assert InceptionModule1D(kernel_sizes=(2,)).span == 3


def test_layer_check(tmp_path):
    check_layer(lambda **kw: InceptionModule1D(3, (4, 2), 2, **kw), (4, 12, 3), tmp_path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"filters": 0}, "filters=0"),
        ({"bottleneck": 0}, "bottleneck=0"),
        ({"kernel_sizes": ()}, r"kernel_sizes=\(\)"),
        ({"kernel_sizes": (3, 0)}, "kernel_size=0"),
    ],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        InceptionModule1D(**settings)
