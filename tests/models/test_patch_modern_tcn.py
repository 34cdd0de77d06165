import math

import keras
import numpy as np
import pytest
import torch
from keras import ops

from kerashar.layers import ModernTCNBlock
from kerashar.models import PatchModernTCN, load_model, receptive_field, save_model
from tests.models.patch_modern_tcn_reference import Reference, copy_weights
from tests.support import check_receptive_field, random_signal, run, scramble

WINDOW = (47, 3)  # 23 patches, so that the window ends on no whole stride, and the second stage on half a step
SIZES = {"patch_size": 5, "patch_stride": 2, "width": 4, "large_kernels": (7, 5), "small_kernel": 3}


def small_model(**settings):
    return PatchModernTCN(WINDOW, 4, **{**SIZES, "expansion": 2, "dropout": 0.0, "head_dropout": 0.0, **settings})


@pytest.fixture(scope="module")
def trained():
    """A model whose weights and statistics are far from where they started."""
    model = small_model()
    scramble(model)
    return model


@pytest.mark.parametrize(("reversible", "blocks"), [(False, 2), (True, 1)])
def test_equals_the_published_network(reversible, blocks):
    keras.utils.set_random_seed(0)  # the spread below depends on the first weights
    model = small_model(reversible_normalization=reversible, blocks=blocks)
    reference = Reference(WINDOW, 4, 5, 2, (4, 8), blocks, (7, 5), 3, 2, reversible)
    stem_bias = 4  # theirs has one, whose effect the batch normalisation after it takes away
    assert sum(math.prod(weight.shape) for weight in model.trainable_weights) + stem_bias == sum(
        parameter.numel() for parameter in reference.parameters()
    )
    scramble(model)
    model.get_layer("normalization").set_weights([np.zeros(3), np.ones(3)])
    copy_weights(model, reference)
    windows = random_signal(6, *WINDOW) + 0.5
    expected = reference.eval()(torch.from_numpy(windows).double()).detach().numpy()
    assert 0.3 < expected.std() < 30
    np.testing.assert_allclose(run(model, windows), expected, rtol=1e-5, atol=1e-5)

    # In training: the batch's statistics in the outputs, and their running means.
    model.compile(keras.optimizers.SGD(0.0), "mse")
    loss = model.train_on_batch(windows, np.zeros((6, 4), "float32"))
    expected = reference.train()(torch.from_numpy(windows).double()).square().mean().item()
    assert float(loss) == pytest.approx(expected, rel=1e-4)
    norm, theirs = model.get_layer("downsampling_norm_2"), reference.halvings[0]["norm"]
    np.testing.assert_allclose(ops.convert_to_numpy(norm.moving_mean), theirs.running_mean.numpy(), atol=1e-5)


def test_merged_kernels_predict_the_same(trained, tmp_path):
    windows = random_signal(6, *WINDOW)
    expected = run(trained, windows)
    merged = trained.merge_kernels()
    assert merged.get_config() == {**trained.get_config(), "merged": True}
    assert merged.count_params() == trained.count_params() - 12 * (3 + 7) - 24 * (3 + 7)
    np.testing.assert_allclose(run(merged, windows), expected, atol=1e-5)
    np.testing.assert_array_equal(run(trained, windows), expected)

    save_model(merged, tmp_path / "merged.keras")
    loaded = load_model(tmp_path / "merged.keras")
    assert type(loaded) is PatchModernTCN
    assert loaded.merged
    np.testing.assert_array_equal(run(loaded, windows), run(merged, windows))
    with pytest.raises(ValueError, match="merged=True"):
        merged.merge_kernels()


def test_pooling_takes_any_window_length():
    settings = {"width": 2, "large_kernels": (3, 3), "small_kernel": 1, "head": "average_max"}
    model = PatchModernTCN((None, 2), 3, **settings)
    for time in (1, 23):
        windows = random_signal(2, time, 2)
        fixed = PatchModernTCN((time, 2), 3, **settings)
        fixed.set_weights(model.get_weights())
        np.testing.assert_allclose(run(model, windows), run(fixed, windows), atol=1e-6)


def test_each_dropout_has_a_seed_of_its_own():
    model = small_model(dropout=0.5, head_dropout=0.5, seed=3)
    mixers = [
        mixer
        for layer in model.layers
        if isinstance(layer, ModernTCNBlock)
        for mixer in (layer.feature_mixer, layer.variable_mixer)
    ]
    seeds = [drop.seed for mixer in mixers for drop in mixer.drops] + [model.get_layer("head_dropout").seed]
    assert sorted(seeds) == list(range(3, 3 + 2 * 4 + 1))


@pytest.mark.once
@pytest.mark.parametrize(
    ("settings", "samples"), [({"large_kernels": (13,)}, 56), ({"blocks": 2}, 268), ({"patch_size": 4}, 136)]
)
def test_receptive_field(settings, samples):
    assert receptive_field(PatchModernTCN((128, 2), 3, width=4, **settings)).samples == samples


@pytest.mark.once
def test_receptive_field_is_the_true_one():
    check_receptive_field("patch_modern_tcn", width=4)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"window_shape": (9,)}, r"window_shape=\(9,\)"),
        ({"window_shape": (None, 2)}, r"head='flatten'. Received: window_shape=\(None, 2\)"),
        ({"num_classes": -1}, "num_classes=-1"),
        ({"width": 0}, "width=0"),
        ({"blocks": 0}, "blocks=0"),
        ({"large_kernels": ()}, r"large_kernels=\(\)"),
        ({"large_kernels": (12,)}, "kernel_size=12"),
        ({"small_kernel": 15}, "small_kernel_size=15"),
        ({"patch_stride": 9}, "patch_stride=9"),
        ({"head_dropout": 1.0}, r"head_dropout=1\.0"),
        ({"head": "flaten"}, "Did you mean 'flatten'"),
    ],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        PatchModernTCN(**{"window_shape": (32, 2), "num_classes": 3, **settings})
