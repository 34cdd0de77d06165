from itertools import permutations

import keras
import numpy as np
import pytest
from PIL import Image
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.inspection import permutation_importance

from kerashar.explanations import channel_importance, draw_importance
from kerashar.layers import RegressionHead
from kerashar.models import Ensemble, HeadedModel
from tests.explanations.planted import found, planted_windows, trained
from tests.support import random_signal, run


def linear_model(kernel):
    """Logits of the channels' means."""
    inputs = keras.Input((4, len(kernel)))
    logits = keras.layers.Dense(len(kernel[0]), use_bias=False)
    model = keras.Model(inputs, logits(keras.layers.GlobalAveragePooling1D()(inputs)))
    logits.set_weights([np.array(kernel, "float32")])
    return model


KERNEL = [[2.0, -2.0], [0.7, -0.7], [0.0, 0.0]]


def labelled(count):
    windows = random_signal(count, 4, 3)
    labels = (windows.mean(axis=1) @ [2.0, 0.7, 0.0] + 0.5 * random_signal(count, seed=1) < 0).astype(int)
    return windows, labels


# === The formula ===


def test_all_exchanges_of_three_windows_by_hand():
    model = linear_model(KERNEL)
    windows, labels = random_signal(3, 4, 3), np.array([0, 1, 0])

    def figures(each):
        logits = run(model, each).astype(float)
        logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        said = logits.argmax(axis=1)
        of_each = [
            2 * ((said == label) & (labels == label)).sum() / ((said == label).sum() + (labels == label).sum())
            for label in {*said.tolist(), *labels.tolist()}
        ]
        return np.mean(said == labels), np.mean(of_each), logs[np.arange(3), labels].mean()

    possible = []
    for order in permutations(range(3)):
        mixed = windows.copy()
        mixed[..., [0, 2]] = windows[list(order)][..., [0, 2]]
        possible.append(np.subtract(figures(windows), figures(mixed)))
    found = channel_importance(model, windows, labels, {"ends": (0, 2)}, repeats=60, batch_size=2)
    assert list(found.reached.values()) == pytest.approx([*figures(windows)[:2], -figures(windows)[2]], abs=1e-6)
    ours = np.stack([found.drops[name][0] for name in ("accuracy", "macro_f1", "loss")], axis=1)
    nearest = np.abs(ours[:, None] - np.array(possible)).max(axis=2).argmin(axis=1)
    np.testing.assert_allclose(ours, np.array(possible)[nearest], atol=1e-5)
    assert len(np.unique(np.array(possible)[nearest], axis=0)) == len(np.unique(np.array(possible).round(6), axis=0))


@pytest.mark.once
def test_it_is_what_scikit_learn_measures():
    model, (windows, labels) = linear_model(KERNEL), labelled(1000)

    class Means(ClassifierMixin, BaseEstimator):
        """The same classifier of the channels' means."""

        classes_ = np.arange(2)

        def fit(self, *_):
            return self

        def predict(self, means):
            return (means @ KERNEL).argmax(axis=1)

    theirs = permutation_importance(Means(), windows.mean(axis=1), labels, n_repeats=40, random_state=0)
    ours = channel_importance(model, windows, labels, repeats=40, batch_size=1000)
    assert ours.groups == ("channel 0", "channel 1", "channel 2")
    rows = ours.rows()
    noise = 4 * np.max(theirs.importances_std) * np.sqrt(2 / 40)
    assert noise < 0.02
    np.testing.assert_allclose([row["accuracy"] for row in rows], theirs.importances_mean, atol=noise)
    deviations = [row["accuracy_deviation"] for row in rows]
    np.testing.assert_allclose(deviations, theirs.importances_std, rtol=0.5)
    assert rows[0]["accuracy"] > rows[1]["accuracy"] + 0.1
    assert rows[1]["accuracy"] > 2 * noise
    assert rows[2]["accuracy"] == rows[2]["loss"] == deviations[2] == 0


@pytest.mark.once
def test_a_seed_says_how_they_are_exchanged():
    model, (windows, labels) = linear_model(KERNEL), labelled(40)
    first, again, other = (channel_importance(model, windows, labels, seed=seed).drops["loss"] for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first[:2] != other[:2]).all()
    assert len(np.unique(first[0])) == 5


# === Planted ===


@pytest.mark.parametrize("channel", [0, 1])
def test_the_planted_channel_is_needed(channel):
    model = trained("resnet1d")
    windows, labels, masks = found(model, planted_windows)
    here = masks.any(axis=1)[:, channel]
    # Without anything planted in them the others have nothing to give.
    noise, nothing, _ = planted_windows(48, seed=2)
    noise, nothing = noise[nothing == 2], nothing[nothing == 2]
    windows, labels = np.concatenate([windows[here], noise]), np.concatenate([labels[here], nothing])
    important = channel_importance(model, windows, labels, {"planted": [channel], "noise": [1 - channel]})
    assert important.reached["accuracy"] > 0.9
    planted, noise = important.rows()
    for name in ("accuracy", "macro_f1", "loss"):
        assert planted[name] > 0.2
        assert abs(noise[name]) < 0.1


# === Which models ===


@pytest.mark.once
def test_models_without_gradients_and_ensembles():
    windows, labels, _ = planted_windows(24, seed=1)
    rocket = trained("mini_rocket")
    alone = channel_importance(rocket, windows, labels, repeats=2)
    assert alone.drops["accuracy"].min() > 0.1
    together = channel_importance(Ensemble([rocket, trained("resnet1d")]), windows, labels, repeats=2)
    assert together.drops["accuracy"].min() > 0.1


@pytest.mark.once
def test_refuses_what_does_not_fit():
    model, (windows, labels) = linear_model(KERNEL), labelled(4)
    for wrong in (labels[:3], labels + 1, labels - 1, labels.astype(float), None):
        with pytest.raises(ValueError, match="a label from 0 to 1 for each of 4 windows"):
            channel_importance(model, windows, wrong)
    for members in ((), (3,), (-1,)):
        with pytest.raises(ValueError, match="channels from 0 to 2 in 'arm'"):
            channel_importance(model, windows, labels, {"arm": members})
    with pytest.raises(ValueError, match="at least one group"):
        channel_importance(model, windows, labels, {})
    with pytest.raises(ValueError, match="repeats=0"):
        channel_importance(model, windows, labels, repeats=0)
    with pytest.raises(ValueError, match=r"Expected samples \(n, 4, 3\)"):
        channel_importance(model, windows[:, :3], labels)
    headed = HeadedModel((4, 3), RegressionHead(0.0, 1.0), model_settings={"hidden": 8, "blocks": 1})
    with pytest.raises(ValueError, match="which gives numbers"):
        channel_importance(headed, windows, labels)


# === The picture ===


@pytest.mark.once
def test_the_picture_has_a_bar_for_each_group(tmp_path):
    important = channel_importance(linear_model(KERNEL), *labelled(60), {"much": [0], "none": [2]})
    draw_importance(important, tmp_path / "bars.png")
    with Image.open(tmp_path / "bars.png") as image:
        picture = np.asarray(image.convert("RGB")).astype(int)
    orange = (picture[..., 0] > 200) & (picture[..., 2] < 100)
    rows = np.flatnonzero(orange.sum(axis=1) > 0.1 * picture.shape[1]) / len(picture)
    assert 0.15 < rows.min() < rows.max() < 0.55  # the first group alone, on top
