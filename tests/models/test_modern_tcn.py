import numpy as np
import pytest

from kerashar.models import ModernTCN, receptive_field
from tests.support import random_signal, run


@pytest.mark.parametrize(("blocks", "samples"), [(2, 77), (3, 125), (4, 221)])
def test_receptive_field_is_the_papers(blocks, samples):
    assert receptive_field(ModernTCN((None, 2), 3, hidden=8, blocks=blocks)).samples == samples


def test_takes_any_window_length():
    model = ModernTCN((None, 2), 3, hidden=4, blocks=2)
    for time in (1, 7, 40):
        assert run(model, random_signal(2, time, 2)).shape == (2, 3)


def test_a_sample_depends_on_no_other():
    model = ModernTCN((32, 2), 3, hidden=4, blocks=2)
    signal = random_signal(4, 32, 2)
    np.testing.assert_allclose(run(model, signal)[:2], run(model, signal[:2]), atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"window_shape": (9,)}, r"window_shape=\(9,\)"),
        ({"hidden": 0}, "hidden=0"),
        ({"blocks": 0}, "blocks=0"),
        ({"num_classes": -1}, "num_classes=-1"),
        ({"kernel_sizes": (4,)}, "odd kernel sizes"),
        ({"stochastic_depth": 1.5}, "rate=1.0"),
    ],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        ModernTCN(**{"window_shape": (32, 2), "num_classes": 3, **settings})
