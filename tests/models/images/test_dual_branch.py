import keras
import numpy as np
import pytest

from kerashar.models import DualBranch, model_card
from tests.models.images.counts import FIGURES, convolution, dense
from tests.support import random_signal, run

pytestmark = pytest.mark.once


def expected_count(widths, global_side, local_side, classes):
    count, entry = FIGURES + convolution(3, widths[0], local_side), widths[0]
    for width in widths:
        count += convolution(entry, width, global_side) + convolution(width, width, global_side)
        count += convolution(entry, width, 1)  # the shortcut of the global branch
        count += convolution(4 * entry, width, local_side)  # squares of 2x2 pixels
        entry = width
    gate = dense(entry, entry // 8) + dense(entry // 8, entry)
    return count + convolution(2 * entry, entry, 1) + gate + dense(entry, classes)


def test_has_the_size_of_its_design():
    assert model_card("dual_branch").parameters == expected_count((32, 64, 128), 7, 3, 6)
    model = DualBranch((20, 24, 3), 10, widths=(8, 16), global_kernel_size=5, local_kernel_size=1)
    assert model.count_params() == expected_count((8, 16), 5, 1, 10)


def test_both_branches_reach_the_features():
    model = DualBranch((16, 8, 3), 0, widths=(8, 8))
    images = random_signal(4, 16, 8, 3)
    branches = keras.Model(model.input, model.get_layer("branches").input)
    whole, detail = branches.predict(images, verbose=0)
    assert whole.shape == detail.shape == (4, 4, 2, 8)
    before = run(model, images)
    for name in ("global_2", "local_2"):
        layer = model.get_layer(name)
        kept = layer.get_weights()
        layer.set_weights([np.zeros_like(weight) for weight in kept])
        assert np.abs(run(model, images) - before).max() > 1e-4, f"nothing comes from {name}"
        layer.set_weights(kept)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"image_shape": (32, 28, 3)}, r"multiples of 8. Received: image_shape=\(32, 28, 3\)"),
        ({"widths": ()}, r"widths=\(\)"),
        ({"global_kernel_size": 0}, "kernel_size=0"),
        ({"normalization": "bach"}, "batch"),
    ],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        DualBranch(**{"image_shape": (32, 32, 3), "num_classes": 3, **settings})
