"""No feature of a model whose card says causal depends on a later sample."""

import keras
import numpy as np
import pytest

from kerashar.models import create_model, list_models, model_card
from tests.support import last_before_pooling, random_signal, run, scramble

CAUSAL = [name for name in list_models() if model_card(name).causal]


def test_there_are_causal_models():
    assert {"tcn", "causal_modern_tcn"} <= set(CAUSAL)


@pytest.mark.parametrize("name", CAUSAL)
def test_later_samples_change_no_feature(name):
    time, changed = 48, 24
    depth = model_card(name).depth
    model = create_model(name, (time, 3), 0, **({depth: 2} if depth else {}))
    scramble(model)
    trunk = keras.Model(model.input, last_before_pooling(model))
    window = random_signal(2, time, 3)
    other = window.copy()
    other[:, changed:] += 3 * random_signal(2, time - changed, 3, seed=1)
    before, after = run(trunk, window), run(trunk, other)  # (batch, steps, channels)
    kept = changed * before.shape[1] // time
    assert np.isfinite(before).all()
    np.testing.assert_array_equal(after[:, :kept], before[:, :kept])
    assert (after[:, kept] != before[:, kept]).any()
