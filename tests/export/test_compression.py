"""Compressed models are smaller, say nearly the same, and refuse data that are not theirs."""

from dataclasses import replace

import keras
import numpy as np
import onnx
import pytest
from keras import ops

from kerashar.export import KeptZeros, export_model, prune, quantize_static, quantize_weights, read_card, sparsity_of
from kerashar.export.pruning import pruned_kernels, pruning_recipe
from kerashar.export.runtimes import load_export
from kerashar.models import create_model, list_models, model_card, save_model
from kerashar.training import Recipe, train
from tests.cli.support import expect_one_line_error, kerashar
from tests.models.test_all_models import SMALL
from tests.support import random_signal
from tests.synthetic import make_split

RECIPE = Recipe(
    model="modern_tcn", model_settings={"hidden": 16, "blocks": 1}, epochs=6, batch_size=16, learning_rate=1e-2
)


@pytest.fixture(scope="module")
def split():
    return make_split()


@pytest.fixture(scope="module")
def trained(split, tmp_path_factory):
    """The folder of a run."""
    folder = tmp_path_factory.mktemp("run")
    train(RECIPE, split, folder)
    return folder


@pytest.fixture(scope="module")
def exported(trained):
    export_model(trained / "model.keras", trained / "float.onnx")
    return trained / "float.onnx"


def wholes(path):
    """How many values of an ONNX model are int8."""
    return sum(
        np.prod(entry.dims) for entry in onnx.load(path).graph.initializer if entry.data_type == onnx.TensorProto.INT8
    )


@pytest.mark.once
@pytest.mark.parametrize("method", ["weights", "static"])
def test_int8_says_nearly_the_same(method, exported, split, tmp_path):
    small = tmp_path / "small.onnx"
    if method == "weights":
        quantize_weights(exported, small)
    else:
        quantize_static(exported, small, split.train)
    assert wholes(exported) == 0
    assert wholes(small) > 1000
    assert read_card(small) == read_card(exported)
    assert [path.name for path in tmp_path.iterdir()] == ["small.onnx"]
    expected = load_export(exported, "onnx")(split.test.windows)
    for batch in (1, len(split.test)):
        logits = load_export(small, "onnx")(split.test.windows[:batch])
        # Not the same: that would be the float model.
        assert 1e-5 < np.abs(logits - expected[:batch]).max() < 0.5
    assert np.mean(logits.argmax(axis=1) == expected.argmax(axis=1)) > 0.95


@pytest.mark.once
def test_other_data_do_not_calibrate(exported, split, tmp_path):
    out = tmp_path / "small.onnx"
    for wrong, words in (
        (replace(split.train, units=("m/s2", "m/s2")), "units"),
        (replace(split.train, rate=50.0), "rate 50.0 in place of 32.0"),
        (replace(split.train, windows=split.train.windows[:, :16]), r"samples \(32, 2\)"),
        (split.train.select(slice(0)), "0 of"),
    ):
        with pytest.raises(ValueError, match=words):
            quantize_static(exported, out, wrong)
    with pytest.raises(ValueError, match=r"\.onnx.*small\.tflite"):
        quantize_weights(exported, tmp_path / "small.tflite")
    with pytest.raises(FileNotFoundError, match="nosuch"):
        quantize_weights(tmp_path / "nosuch.onnx", out)
    assert not list(tmp_path.iterdir())


def test_zeros_stay_through_fine_tuning(trained, split, tmp_path):
    recipe = pruning_recipe(RECIPE, trained / "model.keras", epochs=2)
    result = prune(recipe, split, tmp_path / "run", sparsity=0.6)
    assert abs(sparsity_of(result.model) - 0.6) < 0.01
    for kernel in pruned_kernels(result.model):
        assert abs(np.mean(ops.convert_to_numpy(kernel) == 0) - 0.6) < 0.05
    with pytest.raises(ValueError, match="recipe with start"):
        prune(RECIPE, split, tmp_path / "other")


def test_what_is_left_learns_and_is_the_largest():
    inputs = keras.Input((16, 3))
    hidden = keras.layers.DepthwiseConv1D(3, name="depthwise")(inputs)
    hidden = keras.layers.Conv1D(4, 3, name="convolution")(hidden)
    hidden = keras.layers.GlobalAveragePooling1D()(keras.layers.BatchNormalization(name="norm")(hidden))
    model = keras.Model(inputs, keras.layers.Dense(2, name="dense")(hidden))
    kernel = model.get_layer("convolution").kernel
    before = ops.convert_to_numpy(kernel).copy()
    model.compile("adam", "mse")
    model.fit(random_signal(8, 16, 3), random_signal(8, 2), epochs=3, callbacks=[KeptZeros(0.25)], verbose=0)
    after = ops.convert_to_numpy(kernel)
    smallest = np.abs(before) <= np.quantile(np.abs(before), 0.25)
    assert (after[smallest] == 0).all()
    assert (after[~smallest] != before[~smallest]).all()
    assert kernel.constraint is None
    assert [each.path for each in pruned_kernels(model)] == ["convolution/kernel", "dense/kernel"]
    assert ops.convert_to_numpy(model.get_layer("depthwise").weights[0]).all()
    for sparsity in (0, 1):
        with pytest.raises(ValueError, match="above 0 and below 1"):
            KeptZeros(sparsity)


@pytest.mark.once
@pytest.mark.parametrize("name", sorted({*list_models(takes="signals")} - {"hydra", "mini_rocket"}))
def test_most_weights_of_a_model_may_go(name):
    model = create_model(name, model_card(name).input_shape, 6, **SMALL.get(name, {}))
    kernels = pruned_kernels(model)
    assert sum(int(np.prod(kernel.shape)) for kernel in kernels) > 0.5 * model.count_params()
    assert not [kernel.path for kernel in kernels if "norm" in kernel.path]


@pytest.mark.once
def test_the_command_measures_what_it_costs(tmp_path):
    model = create_model("modern_tcn", (128, 6), 5, hidden=8, blocks=1)
    save_model(model, tmp_path / "model.keras")
    expect_one_line_error(kerashar("compress", "model.keras", "out.keras", cwd=tmp_path), ".onnx", "int8")
    wrong = kerashar("compress", "model.keras", "out.onnx", "--method", "prune", cwd=tmp_path)
    expect_one_line_error(wrong, ".keras", "prune")
    expect_one_line_error(kerashar("compress", "model.keras", "out.onnx", cwd=tmp_path), "name of a data set")
