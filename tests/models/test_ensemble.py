import json

import keras
import numpy as np
import pytest

from kerashar.models import Ensemble, ModernTCN, create_model, load_model, save_model
from tests.support import random_signal, run, scramble

SMALL = {"hidden": 4, "blocks": 1}


def linear(*kernels):
    """Models of two numbers that are one matrix each."""
    models = []
    for kernel in kernels:
        models.append(keras.Sequential([keras.Input((2,)), keras.layers.Dense(len(kernel[0]), use_bias=False)]))
        models[-1].set_weights([np.array(kernel)])
    return models


def shares(logits):
    return np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)


def test_it_averages_probabilities_and_survives_a_file(tmp_path):
    kernels = random_signal(3, 2, 4)
    inputs = random_signal(5, 2, seed=1)
    ensemble = Ensemble(linear(*kernels))
    np.testing.assert_allclose(shares(run(ensemble, inputs)), shares(inputs @ kernels).mean(axis=0), atol=1e-6)
    save_model(ensemble, tmp_path / "ensemble.keras")
    loaded = load_model(tmp_path / "ensemble.keras")
    assert isinstance(loaded, Ensemble)
    np.testing.assert_array_equal(run(loaded, inputs), run(ensemble, inputs))


@pytest.mark.parametrize("voting", ["mean", "majority"])
def test_weights_and_votes_are_kept_in_the_file(voting, tmp_path):
    kernels, inputs, weights = random_signal(3, 2, 4), random_signal(7, 2, seed=1), np.array([3.0, 0.0, 1.0])
    ensemble = Ensemble(linear(*kernels), weights.tolist(), voting)
    each = shares(inputs @ kernels)
    expected = np.tensordot(weights / 4, each, axes=1)
    if voting == "majority":
        votes = np.tensordot(weights / 4, np.eye(4)[each.argmax(axis=-1)], axes=1)
        expected = (votes + 1e-3 * expected) / 1.001
    np.testing.assert_allclose(shares(run(ensemble, inputs)), expected, atol=1e-6)
    save_model(ensemble, tmp_path / "ensemble.keras")
    loaded = load_model(tmp_path / "ensemble.keras")
    assert loaded.shares == [0.75, 0.0, 0.25]
    np.testing.assert_array_equal(run(loaded, inputs), run(ensemble, inputs))


@pytest.mark.once
def test_a_tied_vote_goes_to_the_higher_mean():
    first, second = linear([[9, 0, 0], [0, 0, 0]], [[0, 1, 0], [0, 0, 0]])
    logits = run(Ensemble([first, second], voting="majority"), np.array([[1.0, 0.0]], "float32"))
    assert np.isfinite(logits).all()
    assert logits[0].argmax() == 0
    assert logits[0, 2] < logits[0, 1] - 5


@pytest.mark.once
def test_members_of_the_registry_are_copies_that_keep_their_names(tmp_path):
    models = [create_model("modern_tcn", (16, 2), 3, **SMALL) for _ in range(2)]
    for number, model in enumerate(models):
        model.compile("adam", "mse")  # as trained models are
        scramble(model, 0.05 * (1 + number))
    windows = random_signal(5, 16, 2)
    ensemble = Ensemble(models)
    assert not any(member.compiled for member in ensemble.members)
    expected = shares(np.stack([run(model, windows) for model in models])).mean(axis=0)
    np.testing.assert_allclose(shares(run(ensemble, windows)), expected, atol=1e-6)
    assert [model.name for model in models] == ["modern_tcn", "modern_tcn"]
    for model in models:
        model.set_weights([0 * weight for weight in model.get_weights()])
    np.testing.assert_allclose(shares(run(ensemble, windows)), expected, atol=1e-6)
    config = json.loads(json.dumps(ensemble.get_config()))
    assert json.loads(json.dumps(Ensemble.from_config(config).get_config())) == config
    save_model(ensemble, tmp_path / "ensemble.keras")
    loaded = load_model(tmp_path / "ensemble.keras")
    assert [type(member) for member in loaded.members] == [ModernTCN, ModernTCN]
    np.testing.assert_array_equal(run(loaded, windows), run(ensemble, windows))


@pytest.mark.once
def test_sure_members_that_disagree_give_finite_logits():
    first, second = linear([[1e4, -1e4], [0, 0]], [[-1e4, 1e4], [0, 0]])
    inputs = np.array([[1.0, 0.0]], "float32")
    np.testing.assert_allclose(run(Ensemble([first, second]), inputs), np.log([[0.5, 0.5]]), atol=1e-6)
    np.testing.assert_allclose(run(Ensemble([first]), inputs), [[0, -2e4]])


@pytest.mark.once
def test_members_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="at least one member"):
        Ensemble([])
    with pytest.raises(ValueError, match="same windows and classes"):
        Ensemble(linear([[1, 0], [0, 1]], [[1, 0, 0], [0, 1, 0]]))
    for weights in ([1.0], [1.0, -1.0], [0.0, 0.0], [1.0, np.nan]):
        with pytest.raises(ValueError, match="Expected 2 weights of at least 0"):
            Ensemble(linear([[1, 0], [0, 1]], [[1, 0], [0, 1]]), weights)
    with pytest.raises(ValueError, match="voting"):
        Ensemble(linear([[1, 0], [0, 1]]), voting="most")  # pyright: ignore[reportArgumentType]
