"""Exports give what the model gives, say what it takes, and are not there where they would not."""

import itertools
import json

import keras
import numpy as np
import onnxruntime
import pytest
from keras import ops

from kerashar.data import load_windows
from kerashar.export import export_model, export_stream, read_card
from kerashar.export.comparison import largest_difference
from kerashar.export.conversion import in_float32
from kerashar.export.exporting import convert_apart, move_into_place, staged
from kerashar.export.formats import FORMATS, check_packages, format_of
from kerashar.export.portable import layers_of, make_portable, portable_operations
from kerashar.export.runtimes import load_export
from kerashar.export.samples import drawn_samples
from kerashar.features import FeatureStack, Jerk
from kerashar.layers import ClassificationHead, ExactNormalization
from kerashar.models import (
    Ensemble,
    FeatureModel,
    HeadedModel,
    InputCard,
    create_model,
    list_models,
    load_model,
    save_model,
)
from tests.cli.support import expect_one_line_error, kerashar
from tests.export.matrix import GUIDE, agree, read_matrix
from tests.support import calm, random_signal, run, scramble

CARD = InputCard("window", ("still", "walking", "running"), (24, 2), 50.0, ("x", "y"), ("g", "g"))
pytestmark = pytest.mark.once  # exports are made on TensorFlow whatever runs here
MODERN_TCN = {"hidden": 4, "blocks": 1}
ELSEWHERE = ("onnx", "litert", "openvino")  # a SavedModel runs on TensorFlow alone
VALUES = 50 * random_signal(3, 7)
# A convolution, attention, a recurrence, and an image.
SETTINGS = {
    "tcn": {"hidden": 4, "levels": 1},
    "cnn_transformer": {"width": 4, "depth": 1, "heads": 2, "blocks": 1},
    "cnn_lstm": {"width": 4, "depth": 2, "units": 4, "bidirectional": False},
    "convnext_atto": {"depths": (1,), "widths": (8,)},
}


def small_model(name):
    model = create_model(name, (16, 16, 3) if name == "convnext_atto" else (24, 2), 3, **SETTINGS[name])
    scramble(model, 0.05)
    calm(model, drawn_samples(model, 4))
    return model


def models_within_models():
    featured = FeatureModel((24, 2), 3, FeatureStack([Jerk(50.0)]), model_settings=MODERN_TCN)
    head = ClassificationHead(3, hidden_layers=1, neurons=4)
    headed = HeadedModel((24, 2), head, model="tcn", model_settings=SETTINGS["tcn"])
    return Ensemble([featured, headed], weights=[1, 2])


def exact_model():
    entry = keras.Input((24, 2))
    model = keras.Model(entry, ExactNormalization(name="normalization")(entry))
    model.get_layer("normalization").fit(real_windows())
    return model


def real_windows():
    return load_windows("watch").windows[:64, :24, :2]


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    """Models in all formats, and one with others inside in one, by one process: the folder, and what it answers."""
    folder = tmp_path_factory.mktemp("exports")
    models = {name: small_model(name) for name in SETTINGS}
    jobs = {(name, kind): folder / f"{name}{facts.suffix}" for name in models for kind, facts in FORMATS.items()}
    models["ensemble"] = models_within_models()
    jobs["ensemble", "onnx"] = folder / "ensemble.onnx"
    models["exact"] = exact_model()
    jobs |= {("exact", kind): folder / f"exact{FORMATS[kind].suffix}" for kind in ELSEWHERE}
    for name, model in models.items():
        model.input_card = None if name == "convnext_atto" else CARD
        save_model(model, folder / f"{name}.keras")
    orders = [
        {"file": str(folder / f"{name}.keras"), "kind": kind, "out": str(out)} for (name, kind), out in jobs.items()
    ]
    return folder, dict(zip(jobs, convert_apart(orders), strict=True))


@pytest.mark.parametrize(("name", "kind"), [*itertools.product(SETTINGS, FORMATS), ("ensemble", "onnx")])
def test_models_in_each_format(name, kind, exports):
    folder, answers = exports
    assert answers[name, kind].get("difference", 1) < 1e-4, answers[name, kind]
    path = folder / f"{name}{FORMATS[kind].suffix}"
    assert read_card(path) == (None if name == "convnext_atto" else CARD)
    if kind in ELSEWHERE:
        model = load_model(folder / f"{name}.keras")
        run_export, samples = load_export(path, kind), drawn_samples(model, 5)
        for batch in (1, 5, 2):
            np.testing.assert_allclose(run_export(samples[:batch]), run(model, samples[:batch]), rtol=0, atol=1e-4)


def test_exports_agree_on_real_windows(exports):
    folder, _ = exports
    real, model = real_windows(), load_model(folder / "tcn.keras")
    for kind in ELSEWHERE:
        run_export = load_export(folder / f"tcn{FORMATS[kind].suffix}", kind)
        np.testing.assert_allclose(run_export(real), run(model, real), rtol=0, atol=1e-4)


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_a_layer_that_is_exact_stays_so(kind, exports):
    folder, _ = exports
    real, model = real_windows(), load_model(folder / "exact.keras")
    np.testing.assert_array_equal(load_export(folder / f"exact{FORMATS[kind].suffix}", kind)(real), run(model, real))


def test_the_onnx_model_says_what_it_is(exports):
    folder, _ = exports
    session = onnxruntime.InferenceSession(folder / "tcn.onnx", providers=["CPUExecutionProvider"])
    (entry,), (output,) = session.get_inputs(), session.get_outputs()
    assert (entry.name, entry.shape) == ("window", ["batch", 24, 2])
    assert (output.name, output.shape) == ("logits", ["batch", 3])
    assert json.loads(session.get_modelmeta().custom_metadata_map["input_card"])["rate"] == 50.0


def test_a_model_without_a_fixed_size_leaves_nothing(tmp_path):
    save_model(create_model("tcn", (None, 2), 3, hidden=4, levels=1), tmp_path / "model.keras")
    done = kerashar("export", "model.keras", "deep/model.onnx", cwd=tmp_path)
    expect_one_line_error(done, "one size", "(None, 2)", "--stream")
    assert not list((tmp_path / "deep").iterdir())


def test_all_files_move_into_place_and_replace_earlier_ones(tmp_path):
    for content in ("old", "new"):
        with staged(tmp_path / "model.xml") as out:
            out.write_text(content)
            out.with_suffix(".bin").write_text(content)
            move_into_place(out, tmp_path / "model.xml")
        with staged(tmp_path / "folder") as out:
            out.mkdir()
            (out / content).write_text(content)
            move_into_place(out, tmp_path / "folder")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "model.bin", "model.xml"]
    assert (tmp_path / "model.xml").read_text() == (tmp_path / "model.bin").read_text() == "new"
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["new"]


def test_mixed_precision_becomes_float32():
    inputs = keras.Input((8, 2))
    hidden = keras.layers.Dense(4, "relu", dtype="mixed_bfloat16")(inputs)
    model = keras.Model(inputs, keras.layers.Dense(3, dtype="float32")(keras.layers.Flatten()(hidden)))
    same = in_float32(model)
    assert {layer.compute_dtype for layer in layers_of(same)} == {"float32"}
    signal = random_signal(2, 8, 2)
    kernel, bias, last_kernel, last_bias = model.get_weights()
    expected = np.maximum(signal @ kernel + bias, 0).reshape(2, -1) @ last_kernel + last_bias
    np.testing.assert_allclose(run(same, signal), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("arcsinh", (VALUES,)),
        ("argmax", (VALUES, -1)),
        ("argmax", (VALUES, 0)),
        ("argmin", (VALUES, 1, True)),
        ("einsum", ("gkt,gc->tcgk", random_signal(2, 3, 4), random_signal(2, 5))),
        ("einsum", ("ij,kj->ik", VALUES, VALUES)),
        *(("rfft", (VALUES, length)) for length in (None, 12, 5)),
        *(("irfft", ((VALUES, VALUES[::-1]), length)) for length in (None, 13, 20, 6)),
    ],
    ids=str,
)
def test_portable_operations_give_the_same(name, arguments):
    def outputs():
        got = getattr(ops, name)(*arguments)
        return [ops.convert_to_numpy(each) for each in (got if isinstance(got, tuple) else [got])]

    expected, before = outputs(), getattr(ops, name)
    with portable_operations():
        assert getattr(ops, name) is not before
        got = outputs()
    for one, other in zip(got, expected, strict=True):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-4)
    assert getattr(ops, name) is before


@pytest.mark.parametrize("name", ["cnn_transformer", "convnext_atto", "cnn_lstm"])
def test_portable_layers_give_the_same(name):
    model = small_model(name)
    samples = drawn_samples(model, 2)
    expected = run(model, samples)
    make_portable(model, unroll=True)
    np.testing.assert_allclose(ops.convert_to_numpy(model(samples)), expected, rtol=0, atol=1e-5)


def test_samples_are_like_those_of_the_training():
    model = small_model("tcn")
    windows = 3 + 5 * random_signal(50, 24, 2)
    model.get_layer("normalization").fit(windows)
    drawn = drawn_samples(model, 200)
    np.testing.assert_allclose(drawn.mean(axis=(0, 1)), windows.mean(axis=(0, 1)), atol=2)
    np.testing.assert_allclose(drawn.std(axis=(0, 1)), windows.std(axis=(0, 1)), rtol=0.3)
    images = drawn_samples(small_model("convnext_atto"), 2)
    assert images.min() >= 0
    assert 200 < images.max() <= 255


def test_other_logits_are_refused():
    expected = np.array([[1.0, -4.0]], "float32")
    assert largest_difference(expected + 5e-5, expected) < 1e-4
    for wrong in (expected + 2e-4, expected * np.nan, expected[:, :1]):
        with pytest.raises(ValueError, match="Expected"):
            largest_difference(wrong, expected)


def test_mistakes_are_told_before_anything_starts(tmp_path, monkeypatch):
    model = small_model("tcn")
    with pytest.raises(ValueError, match=r"\.onnx, \.tflite, \.xml.*model\.pb"):
        export_model(model, tmp_path / "model.pb")
    with pytest.raises(ValueError, match=r"formats onnx.*'tflite'"):
        format_of(tmp_path / "model.tflite", "tflite")
    with pytest.raises(ValueError, match="ends as its format does"):
        format_of(tmp_path / "model.tflite", "onnx")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine.txt").write_text("mine")
    with pytest.raises(OSError, match="file"):
        export_model(model, tmp_path / "file" / "model.onnx")
    for taken in ("folder", "file"):
        with pytest.raises(ValueError, match="new folder, or an earlier export"):
            export_model(model, tmp_path / taken)
    assert (tmp_path / "folder" / "mine.txt").read_text() == "mine"
    with pytest.raises(FileNotFoundError, match=r"nosuch\.keras"):
        export_model(tmp_path / "nosuch.keras", tmp_path / "model.onnx")
    with pytest.raises(FileNotFoundError, match=r"nosuch\.onnx"):
        read_card(tmp_path / "nosuch.onnx")
    with pytest.raises(ImportError, match=r"nosuch_package: pip install kerashar\[export\]"):
        check_packages(["numpy", "nosuch_package"])
    expect_one_line_error(kerashar("export", "a.keras", "b.onnx", "--chunk", 4, cwd=tmp_path), "--chunk with --stream")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


@pytest.mark.parametrize(("shape", "chunk"), [((None, 2), 4), ((24, 2), 5)])
def test_a_stream_by_the_command(shape, chunk, tmp_path):
    model = create_model("causal_modern_tcn", shape, 3, hidden=8, blocks=1)
    scramble(model, 0.1)
    model.input_card = CARD
    save_model(model, tmp_path / "model.keras")
    done = kerashar("export", "model.keras", "stream.onnx", "--stream", "--chunk", chunk, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert read_card(tmp_path / "stream.onnx") == CARD
    session = onnxruntime.InferenceSession(tmp_path / "stream.onnx", providers=["CPUExecutionProvider"])
    assert session.get_inputs()[0].shape == ["batch", chunk, 2]


def test_what_looks_ahead_is_no_stream(tmp_path):
    model = small_model("cnn_transformer")
    with pytest.raises(ValueError, match="Expected"):
        export_stream(model, tmp_path / "stream.onnx")
    with pytest.raises(ValueError, match=r"\.onnx"):
        export_stream(model, tmp_path / "stream.tflite")
    assert not list(tmp_path.iterdir())


def test_each_model_has_a_row_in_the_matrix():
    matrix = read_matrix(GUIDE.read_text(encoding="utf-8"))
    assert sorted(matrix) == list_models()
    assert all(agree(cells) for cells in matrix.values())
