import keras
import numpy as np
import pytest
from keras import ops

from kerashar.layers import ClassificationHead, OrdinalHead, RegressionHead
from kerashar.models import load_model, save_model
from tests.references import batch_normalise, sigmoid
from tests.support import check_layer, random_signal, run, scramble


def once(*values):
    return pytest.param(*values, marks=pytest.mark.once)


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda **kw: RegressionHead(-3.0, 5.0, "clamp", 2, hidden_layers=1, neurons=6, **kw), (4, 5)),
        (lambda **kw: OrdinalHead(4, hidden_layers=1, neurons=6, **kw), (4, 5)),
        once(lambda **kw: RegressionHead(bound="sigmoid", pooling="max", **kw), (4, 6, 5)),
        once(lambda **kw: ClassificationHead(3, pooling="average_max", **kw), (4, 3, 2, 5)),
    ],
)
def test_layer_check(make, shape, tmp_path):
    check_layer(make, shape, tmp_path)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_hidden_layers_equal_the_formula(batch_norm, tmp_path):
    head = ClassificationHead(3, hidden_layers=2, neurons=6, batch_norm=batch_norm)
    features = random_signal(4, 5)
    model = keras.Sequential([keras.Input((5,)), head])
    scramble(model)
    expected = features
    for number in (1, 2):
        dense = head.hidden[(number - 1) * (3 if batch_norm else 2)]
        expected = expected @ dense.get_weights()[0]
        if batch_norm:
            norm = head.hidden[3 * number - 2]
            expected = batch_normalise(expected, norm)
        else:
            expected = expected + dense.get_weights()[1]
        expected = np.maximum(expected, 0)
    kernel, bias = head.linear.get_weights()
    np.testing.assert_allclose(ops.convert_to_numpy(head(features)), expected @ kernel + bias, atol=1e-5)
    trained = ops.convert_to_numpy(head(features, training=True))
    assert np.allclose(trained, expected @ kernel + bias, atol=1e-5) is not batch_norm
    save_model(model, tmp_path / "model.keras")
    np.testing.assert_array_equal(run(load_model(tmp_path / "model.keras"), features), run(model, features))


@pytest.mark.parametrize("pooling", ["average", "max", "average_max"])
@pytest.mark.parametrize("shape", [(2, 7, 3), (2, 4, 5, 3)])
def test_pooling_equals_numpy(pooling, shape):
    head = ClassificationHead(2, pooling=pooling)
    features = random_signal(*shape)
    outputs = ops.convert_to_numpy(head(features))
    between = tuple(range(1, len(shape) - 1))
    pools = {"average": [np.mean], "max": [np.max], "average_max": [np.mean, np.max]}[pooling]
    pooled = np.concatenate([pool(features, axis=between) for pool in pools], axis=1)
    np.testing.assert_allclose(outputs, pooled @ head.linear.get_weights()[0], atol=1e-5)


def test_numbers_stay_in_their_range_as_asked():
    features = 20 * random_signal(50, 5)
    outputs, shares = {}, {}
    for bound in ("none", "sigmoid", "clamp"):
        head = RegressionHead(40.0, 200.0, bound)
        outputs[bound] = ops.convert_to_numpy(head(features))
        kernel, bias = head.linear.get_weights()
        shares[bound] = features @ kernel + bias
        np.testing.assert_allclose(ops.convert_to_numpy(head(0 * features)), 120)  # begins in the middle
    np.testing.assert_allclose(outputs["none"], 40 + 160 * shares["none"], rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(outputs["sigmoid"], 40 + 160 * sigmoid(shares["sigmoid"]), rtol=1e-4)
    np.testing.assert_allclose(outputs["clamp"], 40 + 160 * np.clip(shares["clamp"], 0, 1), rtol=1e-4, atol=1e-3)
    assert outputs["clamp"].min() == 40
    assert outputs["clamp"].max() == 200


def test_what_is_clamped_comes_back():
    head = RegressionHead(-2.0, 6.0, "clamp")
    model = keras.Sequential([keras.Input((1,)), head])
    head.linear.set_weights([np.zeros((1, 1)), np.array([3.0])])  # far above the range
    model.compile(keras.optimizers.SGD(0.005), "mse")
    inputs, targets = np.ones((8, 1), "float32"), np.full((8, 1), 1.0, "float32")
    assert model.train_on_batch(inputs, targets) == pytest.approx(25)  # of the clamped output: (6 - 1)^2
    for _ in range(100):
        model.train_on_batch(inputs, targets)
    np.testing.assert_allclose(ops.convert_to_numpy(model(inputs)), 1, atol=0.01)
    head.linear.set_weights([np.zeros((1, 1)), np.array([3.0])])
    model.train_on_batch(inputs, np.full((8, 1), 6.0, "float32"))
    np.testing.assert_array_equal(head.linear.get_weights()[1], 3)  # right at the end of the range: left alone


def test_ordinal_logits_equal_the_formula():
    head = OrdinalHead(6)
    features = 3 * random_signal(9, 4)
    model = keras.Sequential([keras.Input((4,)), head])
    start = ops.convert_to_numpy(ops.softmax(head(0 * features)))
    np.testing.assert_allclose(start, 1 / 6, atol=1e-6)
    scramble(model, 0.5)
    weights = (head.linear.kernel, head.threshold_bias)
    kernel, thresholds = (ops.convert_to_numpy(weight).astype(np.float64) for weight in weights)
    thresholds = np.cumsum(np.concatenate([thresholds[:1], np.log1p(np.exp(thresholds[1:])) + 1e-4]))
    assert (np.diff(thresholds) > 0).all()
    above = np.concatenate([np.ones((9, 1)), sigmoid(features @ kernel - thresholds), np.zeros((9, 1))], axis=1)
    logits = ops.convert_to_numpy(head(features))
    np.testing.assert_allclose(logits, np.log(above[:, :-1] - above[:, 1:]), atol=1e-4)


def test_ordinal_logits_stay_finite():
    head = OrdinalHead(3)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Rescaling(1e4), head])
    head.linear.kernel.assign([[1.0]])
    head.threshold_bias.assign([0.0, -200.0])  # the second gap is next to nothing
    inputs = np.array([[-1.0], [0.0], [1.0]], "float32")
    logits = ops.convert_to_numpy(model(inputs))
    assert np.isfinite(logits).all()
    assert logits.argmax(axis=1)[[0, 2]].tolist() == [0, 2]
    model.compile(keras.optimizers.SGD(1e-8), keras.losses.CategoricalCrossentropy(from_logits=True))
    model.train_on_batch(inputs, np.eye(3)[[2, 1, 0]])
    assert all(np.isfinite(weight).all() for weight in head.get_weights())


@pytest.mark.once
def test_what_is_refused():
    for call, message in (
        (lambda: RegressionHead(1.0, 1.0), "low below a finite high"),
        (lambda: RegressionHead(0.0, float("inf")), "low below a finite high"),
        (lambda: RegressionHead(bound="clip"), "Did you mean 'clamp'"),
        (lambda: RegressionHead(num_targets=0), "num_targets=0"),
        (lambda: OrdinalHead(1), "num_classes=1"),
        (lambda: ClassificationHead(0), "num_classes=0"),
        (lambda: ClassificationHead(3, hidden_layers=-1), "hidden_layers"),
        (lambda: ClassificationHead(3, neurons=0), "neurons=0"),
        (lambda: ClassificationHead(3, pooling="avg"), "Did you mean 'average'"),
        (lambda: ClassificationHead(3)(random_signal(2, 4, 5)), "ndim=2"),
        (lambda: ClassificationHead(3, pooling="max")(random_signal(2, 5)), "min_ndim=3"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
