"""Images seen in several ways, against the mean by hand."""

import numpy as np
import pytest
from scipy.special import softmax

from kerashar.models import create_model
from kerashar.prediction import predict_views
from kerashar.training import predict_logits


@pytest.fixture(scope="module")
def model():
    return create_model("plain_cnn", (16, 16, 3), 4, widths=(4,), convolutions=1)


def test_views_are_averaged_by_probability(model):
    images = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3)).astype("float32")
    moved = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    seen = [images, moved[:, 2:, 1:-1], moved[:, :-2, 1:-1], moved[:, 1:-1, 2:], moved[:, 1:-1, :-2]]
    seen += [each[:, :, ::-1] for each in seen]
    expected = np.mean([softmax(predict_logits(model, each), axis=1) for each in seen], axis=0)
    np.testing.assert_allclose(np.exp(predict_views(model, images, ("flip", "shift"))), expected, atol=1e-6)
    both = predict_views(model, np.concatenate([images, images[:, :, ::-1]]))
    np.testing.assert_allclose(both[:3], both[3:], atol=1e-5)


def test_unknown_views_are_refused(model):
    images = np.zeros((1, 16, 16, 3))
    with pytest.raises(ValueError, match="'turn'"):
        predict_views(model, images, ("turn",))
    with pytest.raises(ValueError, match="none"):
        predict_views(model, images, ())
