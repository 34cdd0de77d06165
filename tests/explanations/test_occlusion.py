from functools import partial

import keras
import numpy as np
import pytest

from kerashar.explanations import occlusion
from kerashar.features import FeatureStack, Jerk
from kerashar.layers import RegressionHead
from kerashar.models import Ensemble, FeatureModel, HeadedModel, create_model
from tests.explanations.planted import found, localisation, planted_windows, trained
from tests.support import random_signal, run, scramble


def small_tcn(**settings):
    model = create_model("tcn", (16, 2), 3, hidden=4, levels=1, **settings)
    scramble(model, 0.5)
    return model


def probabilities(model, samples):
    powers = np.exp(run(model, samples).astype(float))
    return powers / powers.sum(axis=1, keepdims=True)


# === The formula ===


@pytest.mark.parametrize("per_channel", [False, True])
def test_a_loop_by_hand(per_channel):
    model, windows = small_tcn(), random_signal(3, 16, 2) + 2
    before = probabilities(model, windows)
    expected = np.zeros((3, 16, 2))
    for index, window in enumerate(windows):
        label = before[index].argmax()
        for channels in ([0], [1]) if per_channel else ([0, 1],):
            # Of 5 samples, 3 apart; the last one ends where the window ends.
            losses = []
            for start in (0, 3, 6, 9, 11):
                hidden = window.copy()
                for channel in channels:
                    hidden[start : start + 5, channel] = window[:, channel].mean()
                loss = before[index, label] - probabilities(model, hidden[None])[0, label]
                losses.append([loss if start <= at < start + 5 else np.nan for at in range(16)])
            expected[index, :, channels] = np.nanmean(losses, axis=0)
    maps = occlusion(model, windows, size=5, stride=3, per_channel=per_channel, batch_size=4)
    assert maps.dtype == np.float32
    assert np.abs(maps).max() > 0.01
    np.testing.assert_allclose(maps, expected if per_channel else expected[..., 0], atol=1e-5)


def test_squares_of_images_and_a_class_of_ones_own():
    inputs = keras.Input((6, 8, 3))
    model = keras.Model(inputs, keras.layers.Dense(3)(keras.layers.Flatten()(inputs)))
    scramble(model, 0.02)
    images, grey = random_signal(2, 6, 8, 3) + 5, np.array([1.0, 2.0, 3.0])
    before = probabilities(model, images)[:, 1]
    maps = occlusion(model, images, 1, size=2, stride=2, fill=grey)
    for row, column in ((0, 0), (2, 4), (4, 6)):
        hidden = images.copy()
        hidden[:, row : row + 2, column : column + 2] = grey
        loss = (before - probabilities(model, hidden)[:, 1])[:, None, None]
        np.testing.assert_allclose(maps[:, row : row + 2, column : column + 2], loss + np.zeros((2, 2)), atol=1e-5)


@pytest.mark.once
def test_fills():
    model, windows = small_tcn(), random_signal(2, 16, 2)
    still = windows.mean(axis=1, keepdims=True) + np.zeros_like(windows)
    maps = occlusion(model, windows)
    np.testing.assert_array_equal(occlusion(model, windows, size=2, stride=1), maps)  # an eighth, and half of it
    np.testing.assert_array_equal(occlusion(model, windows, fill=still), maps)
    np.testing.assert_array_equal(occlusion(model, windows, fill=windows), np.zeros((2, 16)))
    np.testing.assert_array_equal(occlusion(model, windows, fill=[0.5, 0.5]), occlusion(model, windows, fill=0.5))


# === Where it looks ===


def test_maps_lie_on_what_was_planted():
    scores = localisation(occlusion, "resnet1d")
    assert scores["chance"] == 0.25
    assert scores["share"] > 0.75
    assert scores["peaks"] > 0.9
    scores = localisation(partial(occlusion, per_channel=True), "resnet1d")
    assert scores["chance"] == 0.125
    assert min(scores["share"], scores["stretch"], scores["channel"]) > 0.75
    assert scores["peaks"] > 0.9


@pytest.mark.once
@pytest.mark.parametrize(("name", "share"), [("mini_rocket", 0.8), ("plain_cnn", 0.6)])
def test_maps_of_other_models_lie_on_what_was_planted(name, share):
    scores = localisation(occlusion, name)
    assert scores["share"] > share
    assert scores["peaks"] > 0.9


def test_without_the_burst_its_probability_is_gone():
    model = trained("resnet1d")
    windows, labels, masks = found(model, planted_windows)
    label = np.arange(len(windows)), labels
    lost = probabilities(model, windows)[label] - probabilities(model, np.where(masks, 0, windows))[label]
    assert np.median(lost) > 0.5
    assert np.median(occlusion(model, windows, size=24, stride=12).max(axis=1)) > 0.5


# === Which models ===


@pytest.mark.once
def test_ensembles_features_and_heads():
    members = [small_tcn(), create_model("tcn", (16, 2), 3, hidden=4, levels=1)]
    windows = random_signal(2, 16, 2)
    assert occlusion(Ensemble(members), windows).any()
    np.testing.assert_allclose(occlusion(Ensemble(members[:1]), windows), occlusion(members[0], windows), atol=1e-6)
    behind = FeatureModel((48, 3), 4, FeatureStack([Jerk(50.0)]), model_settings={"hidden": 8, "blocks": 1})
    assert occlusion(behind, random_signal(2, 48, 3)).shape == (2, 48)
    headed = HeadedModel((48, 3), RegressionHead(40.0, 200.0), model_settings={"hidden": 8, "blocks": 1})
    windows = random_signal(1, 48, 3)
    hidden = windows.copy()
    hidden[:, :6] = windows.mean(axis=1, keepdims=True)
    lost = occlusion(headed, windows, size=6, stride=6)[0, 0]
    np.testing.assert_allclose(lost, (run(headed, windows) - run(headed, hidden))[0, 0], atol=1e-3)


@pytest.mark.once
def test_refuses_what_does_not_fit():
    model, windows = small_tcn(), random_signal(2, 16, 2)
    for sizes in ({"size": 17}, {"size": 4, "stride": 5}):
        with pytest.raises(ValueError, match="Expected size at most 16, and stride at most size"):
            occlusion(model, windows, **sizes)
    with pytest.raises(ValueError, match="size=0"):
        occlusion(model, windows, size=0)
    with pytest.raises(ValueError, match=r"from 0 to 2\. Received: class_index=3"):
        occlusion(model, windows, 3)
    for fill in (np.zeros(3), np.zeros((3, 16, 2)), np.zeros((1, 1, 16, 2))):
        with pytest.raises(ValueError, match=r"fill as a sample \(16, 2\), one for each, or a value for each channel"):
            occlusion(model, windows, fill=fill)
    with pytest.raises(ValueError, match="finite values as fill"):
        occlusion(model, windows, fill=np.nan)
    with pytest.raises(ValueError, match=r"Expected samples \(n, 16, 2\), at least one"):
        occlusion(model, windows[:0])
