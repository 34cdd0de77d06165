import keras
import numpy as np
import pytest
from keras import ops

from kerashar.models import ModernTCN, load_model, receptive_field, save_model
from tests.support import random_signal, run, scramble


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


def test_a_causal_model_has_the_plain_ones_weights():
    plain, causal = (ModernTCN((32, 2), 3, hidden=8, blocks=2, causal=causal) for causal in (False, True))
    assert [weight.shape for weight in causal.weights] == [weight.shape for weight in plain.weights]
    assert receptive_field(causal) == receptive_field(plain)


@pytest.mark.parametrize(("window", "memory", "kept"), [(32, None, 32), (32, 8, 8), (None, None, None)])
def test_a_causal_model_looks_back_over_its_window(window, memory, kept):
    model = ModernTCN((window, 2), 3, hidden=8, blocks=1, causal=True, memory=memory)
    assert model.get_layer("pool").memory == model.get_layer("block_1").memory == kept
    plain = ModernTCN((window, 2), 3, hidden=8, blocks=1)
    assert plain.get_layer("pool").memory is plain.get_layer("block_1").memory is None


def physics_model(**settings):
    still = {"dropout": 0.0, "stochastic_depth": 0.0}
    sizes = {"hidden": 8, "blocks": 1, "squeeze_reduction": 1}
    model = ModernTCN((16, 3), 2, **{"physics_weight": 0.5, **sizes, **still, **settings})
    scramble(model)
    return model


def labelled_windows():
    windows = 4 * random_signal(8, 16, 3) + 5
    return windows, np.eye(2, dtype="float32")[np.arange(8) % 2]


def smooth_l1(error):
    size = np.abs(error)
    return np.where(size < 1, size**2 / 2, size - 0.5).mean()


def test_the_physics_loss_is_smooth_l1_in_physical_units(tmp_path):
    model = physics_model(physics_channels=(2, 0))
    model.compile(keras.optimizers.SGD(0.0), keras.losses.CategoricalCrossentropy(from_logits=True))
    windows, targets = labelled_windows()
    errors = []
    for scale in (1, 9.81):
        scaled = scale * windows
        model.get_layer("normalization").fit(scaled)
        logits, signals = run(model, scaled), model.predict_signals(scaled)
        assert logits.shape == (8, 2)
        entropy = np.mean(np.log(np.exp(logits).sum(axis=1)) - (logits * targets).sum(axis=1))
        errors.append(signals - scaled[..., [2, 0]])
        trained = model.fit(scaled, targets, batch_size=8, verbose=0).history["loss"][0]
        np.testing.assert_allclose(trained, entropy + 0.5 * smooth_l1(errors[-1]), rtol=1e-4)
        np.testing.assert_allclose(model.test_on_batch(scaled, targets), entropy, rtol=1e-4)
    np.testing.assert_allclose(errors[1], 9.81 * errors[0], atol=1e-3)
    save_model(model, tmp_path / "model.keras")
    np.testing.assert_array_equal(load_model(tmp_path / "model.keras").predict_signals(scaled), signals)


def test_the_decoder_learns_to_tell_the_signals():
    model = physics_model(physics_weight=10.0)
    windows, targets = labelled_windows()
    model.get_layer("normalization").fit(windows)
    model.compile(keras.optimizers.Adam(0.01), keras.losses.CategoricalCrossentropy(from_logits=True))
    loss = model.fit(windows, targets, batch_size=8, epochs=30, verbose=0).history["loss"]
    assert loss[-1] < loss[0] / 2


def test_the_physics_loss_works_in_half_precision():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = physics_model()
    finally:
        keras.config.set_dtype_policy("float32")
    windows, targets = labelled_windows()
    windows *= 20_000  # such as counts of a converter; float16 ends at 65,504
    model.get_layer("normalization").fit(windows)
    decoder = ops.convert_to_numpy(model.get_layer("decoder").trainable_weights[0])
    model.compile(keras.optimizers.SGD(1e-9), keras.losses.CategoricalCrossentropy(from_logits=True))
    # Several steps: the first ones find the scale of the loss at which its gradients fit.
    history = model.fit(windows, targets, batch_size=8, epochs=20, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert (ops.convert_to_numpy(model.get_layer("decoder").trainable_weights[0]) != decoder).any()


def test_without_a_weight_there_is_no_decoder():
    model = ModernTCN((16, 3), 2, hidden=8, blocks=1)
    assert "decoder" not in [layer.name for layer in model.layers]
    with pytest.raises(ValueError, match="physics_weight=0"):
        model.predict_signals(labelled_windows()[0])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"window_shape": (9,)}, r"window_shape=\(9,\)"),
        ({"hidden": 0}, "hidden=0"),
        ({"blocks": 0}, "blocks=0"),
        ({"memory": 16}, "causal=True.*memory=16"),
        ({"memory": 0, "causal": True}, "memory=0"),
        ({"num_classes": -1}, "num_classes=-1"),
        ({"kernel_sizes": (4,)}, "odd kernel sizes"),
        ({"stochastic_depth": 1.5}, "rate=1.0"),
        ({"physics_weight": -1.0}, "weight=-1"),
        ({"physics_channels": (0, 2)}, r"numbers from 0 to 1.*physics_channels=\(0, 2\)"),
        ({"physics_channels": ()}, "physics_channels"),
    ],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        ModernTCN(**{"window_shape": (32, 2), "num_classes": 3, **settings})
