"""Saving and loading models: what goes through, and everything that is refused."""

import copy
import inspect
import io
import json
import os
import shutil
import stat
import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.api_export import get_name_from_symbol
from keras.src.backend.common import global_state
from keras.src.utils import python_utils

from kerashar.models import config_check, create_model, load_model, save_model

METADATA, CONFIG, WEIGHTS = "metadata.json", "config.json", "model.weights.h5"
BACKENDS = ("torch", "jax", "tensorflow")


@keras.saving.register_keras_serializable(package="elsewhere")
class Doubling(keras.layers.Layer):
    """A user's own layer."""

    def call(self, inputs: Any) -> Any:
        return inputs * 2


@keras.saving.register_keras_serializable(package="elsewhere")
def elsewhere_activation(x: Any) -> Any:
    return x


def small_model() -> keras.Model:
    """One of everything that carries state: recurrence, running statistics, seeds, an inner model."""
    window = keras.Input((8, 3))
    x = keras.layers.Conv1D(4, 3, padding="same", activation="gelu", kernel_regularizer="l2")(window)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Bidirectional(keras.layers.GRU(4, return_sequences=True, dropout=0.1, seed=3))(x)
    x = keras.layers.Add()([x, keras.layers.SpatialDropout1D(0.2)(x)])
    x = keras.layers.LayerNormalization()(x)
    head = keras.Sequential(
        [
            keras.Input((8,)),
            keras.layers.Dropout(0.3, seed=1),
            keras.layers.Dense(2, kernel_constraint="max_norm", kernel_initializer="he_normal"),
        ],
        name="head",
    )
    model = keras.Model(window, head(keras.layers.GlobalAveragePooling1D()(x)))
    generator = np.random.default_rng(0)
    for weight in model.weights:
        if weight.dtype == "float32":
            weight.assign(generator.uniform(0.1, 1.0, weight.shape))
    return model


def batch(*shape: int) -> np.ndarray:
    return np.random.default_rng(1).normal(size=shape).astype("float32")


def predict(model: keras.Model, inputs: np.ndarray) -> np.ndarray:
    return np.asarray(model.predict_on_batch(inputs))  # compiled once; JAX is slow layer by layer


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The members of a valid archive: a Functional model of two layers."""
    file = tmp_path_factory.mktemp("valid") / "model.keras"
    entry = keras.Input((3,), name="entry")
    hidden = keras.layers.Dense(4, activation="relu", name="hidden")(entry)
    save_model(keras.Model(entry, keras.layers.Dense(2, name="logits")(hidden)), file)
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(file: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


def with_config(members: dict[str, bytes], change: Callable[[dict[str, Any]], Any]) -> dict[str, bytes]:
    config = json.loads(members[CONFIG])
    change(config)
    return {**members, CONFIG: json.dumps(config).encode()}


def with_weights(members: dict[str, bytes], change: Callable[[h5py.File], Any]) -> dict[str, bytes]:
    buffer = io.BytesIO(members[WEIGHTS])
    with h5py.File(buffer, "r+") as file:
        change(file)
    return {**members, WEIGHTS: buffer.getvalue()}


def layer(config: dict[str, Any], index: int) -> dict[str, Any]:
    return config["config"]["layers"][index]


def lambda_layer(marker: Path) -> dict[str, Any]:
    """The config of a Lambda whose code creates a file as soon as Keras builds it."""
    run = eval(f"lambda x: (open({str(marker)!r}, 'w').close(), x)[1]")
    code, defaults, closure = python_utils.func_dump(run)
    function = {
        "class_name": "__lambda__",
        "config": {"code": code, "defaults": defaults, "closure": closure},
    }
    return {
        "module": "keras.layers",
        "class_name": "Lambda",
        "config": {
            "name": "hidden",
            "trainable": True,
            "dtype": "float32",
            "function": function,
            "arguments": {},
        },
        "registered_name": None,
        "name": "hidden",
    }


# === Round trips ===


def test_round_trip(tmp_path: Path) -> None:
    model, inputs = small_model(), batch(5, 8, 3)
    save_model(model, tmp_path / "new folder" / "model.keras")
    loaded = load_model(tmp_path / "new folder" / "model.keras")
    np.testing.assert_array_equal(predict(loaded, inputs), predict(model, inputs))
    assert [layer.name for layer in loaded.layers] == [layer.name for layer in model.layers]


@pytest.mark.once
def test_a_registered_model_comes_back_as_its_class(tmp_path: Path) -> None:
    model = create_model("modern_tcn", (16, 3), 4, hidden=8, blocks=1)
    save_model(model, tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    assert type(loaded) is type(model)
    np.testing.assert_array_equal(predict(loaded, batch(2, 16, 3)), predict(model, batch(2, 16, 3)))


def test_a_trained_model_loads_without_its_optimizer_and_own_loss(tmp_path: Path) -> None:
    def own_loss(truth: Any, guess: Any) -> Any:
        return keras.ops.mean(keras.ops.square(truth - guess), axis=-1)

    inner = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)])
    inner.compile("adam", own_loss)
    model = keras.Sequential([keras.Input((3,)), inner, keras.layers.Dropout(0.5), keras.layers.Dense(2)])
    model.compile("adam", own_loss)
    model.train_on_batch(batch(4, 3), batch(4, 2))
    save_model(model, tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(predict(loaded, batch(4, 3)), predict(model, batch(4, 3)))
    assert not loaded.compiled
    loaded.compile("sgd", "mse")
    loaded.train_on_batch(batch(4, 3), batch(4, 2))  # dropout's seed goes on after loading


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "mixed_bfloat16"])
def test_other_number_types(tmp_path: Path, dtype: str) -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, dtype=dtype)])
    save_model(model, tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    for mine, theirs in zip(loaded.weights, model.weights, strict=True):
        assert mine.dtype == theirs.dtype
        np.testing.assert_array_equal(
            keras.ops.convert_to_numpy(keras.ops.cast(mine, "float32")),
            keras.ops.convert_to_numpy(keras.ops.cast(theirs, "float32")),
        )


def test_the_next_backend_loads_what_this_one_saved(tmp_path: Path) -> None:
    """Over the three processes each backend saves once and loads once."""
    model, inputs = small_model(), batch(5, 8, 3)
    model.compile("adam", "mse")  # torch names an optimizer of its own in the config
    save_model(model, tmp_path / "model.keras")
    np.save(tmp_path / "inputs.npy", inputs)
    code = (
        "import sys, numpy as np\nfrom kerashar.models import load_model\nfolder = sys.argv[1]\n"
        "logits = load_model(f'{folder}/model.keras').predict(np.load(f'{folder}/inputs.npy'), verbose=0)\n"
        "np.save(f'{folder}/logits.npy', logits)\n"
    )
    backend = BACKENDS[(BACKENDS.index(keras.backend.backend()) + 1) % len(BACKENDS)]
    process = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert process.returncode == 0, process.stderr
    np.testing.assert_allclose(np.load(tmp_path / "logits.npy"), predict(model, inputs), rtol=0, atol=1e-5)


@pytest.mark.once
def test_a_recompressed_archive_loads(tmp_path: Path, members: dict[str, bytes]) -> None:
    file = pack(tmp_path / "model.keras", members, zipfile.ZIP_DEFLATED)
    assert load_model(file).output_shape == (None, 2)


# === Saving ===


@pytest.mark.once
def test_saving_refuses_another_ending_and_an_unbuilt_model(tmp_path: Path) -> None:
    model = keras.Sequential([keras.layers.Dense(2)])
    with pytest.raises(ValueError, match=r"ends in \.keras"):
        save_model(model, tmp_path / "model.h5")
    with pytest.raises(ValueError, match="not built"):
        save_model(model, tmp_path / "model.keras")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.once
def test_a_failing_save_leaves_the_old_file(
    tmp_path: Path, members: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = pack(tmp_path / "model.keras", members)
    before = file.read_bytes()
    model = load_model(file)

    def full_disk(path: Path) -> None:
        Path(path).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(model, "save", full_disk)
    with pytest.raises(OSError, match="No space left"):
        save_model(model, file)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.once
def test_saving_into_a_path_that_is_no_folder(tmp_path: Path, members: dict[str, bytes]) -> None:
    file = pack(tmp_path / "model.keras", members)
    with pytest.raises(OSError, match=r"model\.keras"):
        save_model(load_model(file), file / "inner.keras")
    assert load_model(file).output_shape == (None, 2)


# === The archive ===


@pytest.mark.once
def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="absent"):
        load_model(tmp_path / "absent.keras")


@pytest.mark.once
def test_empty_and_foreign_files_are_refused(tmp_path: Path) -> None:
    for content in (b"", b"PK", b"\x89PNG\r\n" * 100, b"import os\n"):
        (tmp_path / "model.keras").write_bytes(content)
        with pytest.raises(ValueError, match=r"Refused to load .*model\.keras.*zip archive"):
            load_model(tmp_path / "model.keras")


@pytest.mark.once
def test_legacy_formats_are_refused(tmp_path: Path, members: dict[str, bytes]) -> None:
    (tmp_path / "model.h5").write_bytes(members[WEIGHTS])
    with pytest.raises(ValueError, match="legacy HDF5 model"):
        load_model(tmp_path / "model.h5")
    shutil.copy(tmp_path / "model.h5", tmp_path / "renamed.keras")
    with pytest.raises(ValueError, match="legacy HDF5 model"):
        load_model(tmp_path / "renamed.keras")
    (tmp_path / "saved" / "variables").mkdir(parents=True)
    (tmp_path / "saved" / "saved_model.pb").write_bytes(b"")
    with pytest.raises(ValueError, match="SavedModel"):
        load_model(tmp_path / "saved")


@pytest.mark.once
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "model.keras")
    with pytest.raises(ValueError, match="regular file"):
        load_model(tmp_path / "model.keras")


@pytest.mark.once
def test_truncated_files_are_refused(tmp_path: Path, members: dict[str, bytes]) -> None:
    whole = pack(tmp_path / "whole.keras", members).read_bytes()
    for length in [
        1,
        30,
        len(whole) // 4,
        len(whole) // 2,
        len(whole) - 200,
        len(whole) - 22,
        len(whole) - 1,
    ]:
        (tmp_path / "model.keras").write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"model\.keras"):
            load_model(tmp_path / "model.keras")


@pytest.mark.once
@pytest.mark.parametrize("name", [METADATA, CONFIG, WEIGHTS])
def test_missing_members_are_refused(tmp_path: Path, members: dict[str, bytes], name: str) -> None:
    file = pack(tmp_path / "model.keras", {other: members[other] for other in members if other != name})
    with pytest.raises(ValueError, match=rf"Missing.*{name}"):
        load_model(file)


@pytest.mark.once
@pytest.mark.parametrize(
    "name",
    [
        "../outside.txt",
        "/tmp/outside.txt",
        "..\\outside",
        "assets/words.txt",
        "model.weights.npz",
        "config.json/x",
    ],
)
def test_other_members_are_refused(tmp_path: Path, members: dict[str, bytes], name: str) -> None:
    file = pack(tmp_path / "folder.keras", {**members, name: b"text"})
    with pytest.raises(ValueError, match=r"only\. Received also"):
        load_model(file)
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.once
def test_a_member_given_twice_is_refused(tmp_path: Path, members: dict[str, bytes]) -> None:
    file = pack(tmp_path / "model.keras", members)
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(CONFIG, members[CONFIG])
    with pytest.raises(ValueError, match="each member once"):
        load_model(file)


@pytest.mark.once
def test_a_symbolic_link_is_refused(tmp_path: Path, members: dict[str, bytes]) -> None:
    file = tmp_path / "model.keras"
    with zipfile.ZipFile(file, "w") as archive:
        for name in (METADATA, CONFIG):
            archive.writestr(name, members[name])
        link = zipfile.ZipInfo(WEIGHTS)
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(ValueError, match="symbolic link"):
        load_model(file)


@pytest.mark.once
def test_a_zip_bomb_is_refused(tmp_path: Path, members: dict[str, bytes]) -> None:
    bomb = {**members, WEIGHTS: members[WEIGHTS] + bytes(30 * 2**20)}
    with pytest.raises(ValueError, match="zip bomb"):
        load_model(pack(tmp_path / "model.keras", bomb, zipfile.ZIP_DEFLATED))


@pytest.mark.once
@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_compressing_are_refused(tmp_path: Path, members: dict[str, bytes], method: int) -> None:
    with pytest.raises(ValueError, match=r"stored or deflated"):
        load_model(pack(tmp_path / "model.keras", members, method))


@pytest.mark.once
def test_a_member_that_declares_too_little_is_refused(tmp_path: Path, members: dict[str, bytes]) -> None:
    """A bomb whose directory says that it is small must not be unpacked whole."""
    file = tmp_path / "model.keras"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(METADATA, members[METADATA])
        archive.writestr(CONFIG, members[CONFIG])
        archive.writestr(WEIGHTS, bytes(2**28))
        archive.getinfo(WEIGHTS).file_size = 1000
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"Refused to load .*damaged"):
            load_model(file)
        assert tracemalloc.get_traced_memory()[1] < 2**26
    finally:
        tracemalloc.stop()


@pytest.mark.once
def test_sizes_beyond_the_cap_are_refused(tmp_path: Path, members: dict[str, bytes]) -> None:
    file = pack(tmp_path / "model.keras", members)
    with pytest.raises(ValueError, match=r"larger file\. Pass a larger max_bytes"):
        load_model(file, max_bytes=file.stat().st_size - 1)
    file = pack(tmp_path / "model.keras", members, zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match="when unpacked"):
        load_model(file, max_bytes=file.stat().st_size)
    long_config = {**members, CONFIG: b" " * (17 * 2**20) + members[CONFIG]}
    with pytest.raises(ValueError, match=r"config\.json to have at most"):
        load_model(pack(tmp_path / "model.keras", long_config))


@pytest.mark.once
def test_an_encrypted_member_is_refused(tmp_path: Path, members: dict[str, bytes]) -> None:
    content = bytearray(pack(tmp_path / "model.keras", members).read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    content[content.index(b"PK\x03\x04") + 6] |= 1
    (tmp_path / "model.keras").write_bytes(content)
    with pytest.raises(ValueError, match="damaged"):
        load_model(tmp_path / "model.keras")


@pytest.mark.once
@pytest.mark.parametrize("text", ["", "[]", "{", '{"class_name": "\\ud800"', "nul", "[" * 100_000, '{"a":' * 100_000])
def test_a_config_that_is_no_object_is_refused(tmp_path: Path, members: dict[str, bytes], text: str) -> None:
    with pytest.raises(ValueError, match="Refused to load"):
        load_model(pack(tmp_path / "model.keras", {**members, CONFIG: text.encode()}))


# === The config ===


@pytest.mark.once
def test_a_lambda_never_runs(tmp_path: Path, members: dict[str, bytes]) -> None:
    marker = tmp_path / "ran"

    def insert(config: dict[str, Any]) -> None:
        config["config"]["layers"][1] = {**layer(config, 1), **lambda_layer(marker)}

    file = pack(tmp_path / "model.keras", with_config(members, insert))
    with pytest.raises(ValueError, match=r"'keras\.layers\.Lambda'.* at config\.json\.config\.layers\[1\]"):
        load_model(file)
    keras.config.enable_unsafe_deserialization()
    try:
        with pytest.raises(ValueError, match="Lambda"):  # what else the process allows doesn't matter
            load_model(file)
    finally:
        global_state.set_global_attribute("safe_mode_saving", None)
    assert not marker.exists()
    with pytest.raises(ValueError, match=r"logits|layers"):  # the weights no longer fit, but the code has run
        keras.saving.load_model(file, safe_mode=False, compile=False)
    assert marker.exists(), "the payload is harmless, so this test shows nothing"


FOREIGN = {
    "os": {
        "module": "os",
        "class_name": "system",
        "config": {"command": "touch ran"},
        "registered_name": None,
    },
    "subprocess": {
        "module": "subprocess",
        "class_name": "Popen",
        "config": {"args": ["ls"]},
        "registered_name": "Popen",
    },
    "function of builtins": {
        "module": "builtins",
        "class_name": "function",
        "config": "eval",
        "registered_name": "function",
    },
    "function of keras.src": {
        "module": "keras.src.utils.file_utils",
        "class_name": "function",
        "config": "copy",
        "registered_name": "copy",
    },
    "get_file": {"module": "keras.utils", "class_name": "get_file", "config": {}, "registered_name": None},
    "load_model": {
        "module": "keras.models",
        "class_name": "load_model",
        "config": {},
        "registered_name": None,
    },
    "keras.src class": {
        "module": "keras.src.layers.core.dense",
        "class_name": "Dense",
        "config": {},
        "registered_name": None,
    },
    "lambda": {"class_name": "__lambda__", "config": {"value": ["4wAAAA==", None, None]}},
    "tensor": {"class_name": "__tensor__", "config": {"value": [1.0], "dtype": "float32"}},
    "numpy": {"class_name": "__numpy__", "config": {"value": [1.0], "dtype": "S1000000000"}},
    "type spec": {
        "class_name": "__typespec__",
        "spec_name": "TensorSpec",
        "module": "os",
        "config": [],
        "registered_name": None,
    },
    "no module": {"class_name": "Dense", "config": {"units": 2}},
    "no text": {"module": "keras.layers", "class_name": ["Dense"], "config": {}, "registered_name": None},
    "registered elsewhere": {
        "module": "x",
        "class_name": "Doubling",
        "config": {},
        "registered_name": "elsewhere>Doubling",
    },
    "hidden behind a known class": {
        "module": "keras.layers",
        "class_name": "Dense",
        "config": {},
        "registered_name": "elsewhere>Doubling",
    },
    "hidden behind our package": {
        "module": "kerashar.models",
        "class_name": "Missing",
        "config": {},
        "registered_name": "kerashar>Missing",
    },
}
LEFT_OUT = [
    "CategoryEncoding",
    "Discretization",
    "FlaxLayer",
    "HashedCrossing",
    "Hashing",
    "InputSpec",
    "IntegerLookup",
    "JaxLayer",
    "Lambda",
    "Layer",
    "MelSpectrogram",
    "StringLookup",
    "TFSMLayer",
    "TextVectorization",
    "TorchModuleWrapper",
    "Wrapper",
]
for _name in LEFT_OUT:
    FOREIGN[_name] = {"module": "keras.layers", "class_name": _name, "config": {}, "registered_name": None}


def in_layers(config: dict[str, Any], node: dict[str, Any]) -> None:
    config["config"]["layers"][1] = {
        **node,
        "name": "hidden",
        "inbound_nodes": layer(config, 1)["inbound_nodes"],
    }


def in_list_of_lists(config: dict[str, Any], node: dict[str, Any]) -> None:
    layer(config, 1)["config"]["units"] = [[1, {"deep": [node]}]]


def in_activation(config: dict[str, Any], node: dict[str, Any]) -> None:
    layer(config, 1)["config"]["activation"] = node


def in_call_arguments(config: dict[str, Any], node: dict[str, Any]) -> None:
    layer(config, 1)["inbound_nodes"][0]["kwargs"]["training"] = node


def in_build_config(config: dict[str, Any], node: dict[str, Any]) -> None:
    layer(config, 1)["build_config"] = {"shapes_dict": {"input_shape": node}}


def at_the_top(config: dict[str, Any], node: dict[str, Any]) -> None:
    config.clear()
    config.update(node)


@pytest.mark.once
@pytest.mark.parametrize("kind", FOREIGN)
@pytest.mark.parametrize(
    "place", [in_layers, in_list_of_lists, in_activation, in_call_arguments, in_build_config, at_the_top]
)
def test_foreign_classes_are_refused_anywhere(
    tmp_path: Path,
    members: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    place: Callable[..., None],
) -> None:
    monkeypatch.setattr(keras.saving, "load_model", lambda *_, **__: pytest.fail("Keras saw the archive"))
    crafted = with_config(members, lambda config: place(config, copy.deepcopy(FOREIGN[kind])))
    with pytest.raises(ValueError, match=r"Refused to load .*model\.keras.*which is not on the list"):
        load_model(pack(tmp_path / "model.keras", crafted))


@pytest.mark.once
@pytest.mark.parametrize("text", ["elsewhere>elsewhere_activation", "elsewhere>Doubling"])
def test_a_text_that_names_a_foreign_object_is_refused(tmp_path: Path, members: dict[str, bytes], text: str) -> None:
    crafted = with_config(members, lambda config: in_activation(config, text))  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="other code registered"):
        load_model(pack(tmp_path / "model.keras", crafted))


@pytest.mark.once
def test_a_deep_config_is_refused(tmp_path: Path, members: dict[str, bytes]) -> None:
    def nest(config: dict[str, Any]) -> None:
        for _ in range(250):
            layer(config, 1)["config"] = {"config": layer(config, 1)["config"]}

    with pytest.raises(ValueError, match="at most 200 levels"):
        load_model(pack(tmp_path / "model.keras", with_config(members, nest)))


@pytest.mark.once
def test_the_last_of_two_equal_keys_counts_for_the_check_too(tmp_path: Path, members: dict[str, bytes]) -> None:
    twice = members[CONFIG].replace(b'"class_name": "Dense"', b'"class_name": "Dense", "class_name": "Lambda"')
    with pytest.raises(ValueError, match="Lambda"):
        load_model(pack(tmp_path / "model.keras", {**members, CONFIG: twice}))


@pytest.mark.once
def test_every_layer_of_keras_is_either_listed_or_left_out() -> None:
    """A new release of Keras brings new layers: decide about each."""
    public = {name: value for name, value in vars(keras.layers).items() if inspect.isclass(value)}
    canonical = {name for name, value in public.items() if f"{get_name_from_symbol(value)}".endswith(f".{name}")}
    listed = config_check._ALLOWED["keras.layers"]
    assert listed | set(LEFT_OUT) == canonical
    assert not listed & set(LEFT_OUT)
    for module in ("initializers", "regularizers", "constraints"):
        assert config_check._ALLOWED[f"keras.{module}"] <= set(vars(getattr(keras, module)))


@pytest.mark.once
def test_own_classes_load_when_handed_over(tmp_path: Path) -> None:
    file = tmp_path / "model.keras"
    save_model(keras.Sequential([keras.Input((3,)), Doubling(), keras.layers.Dense(2)]), file)
    with pytest.raises(ValueError, match=r"elsewhere>Doubling.*custom_objects"):
        load_model(file)
    for name in ("Doubling", "elsewhere>Doubling"):
        assert isinstance(load_model(file, custom_objects={name: Doubling}).layers[0], Doubling)
    with pytest.raises(ValueError, match="to hold classes"):
        load_model(file, custom_objects={"Doubling": lambda x: x})  # pyright: ignore[reportArgumentType]


def test_a_config_cannot_ask_for_more_weights_than_the_file_holds(tmp_path: Path, members: dict[str, bytes]) -> None:
    create = keras.Variable.__init__

    def grow(config: dict[str, Any]) -> None:
        layer(config, 1)["config"]["units"] = 10**12

    start = time.perf_counter()
    with pytest.raises(ValueError, match="asks for more weights"):
        load_model(pack(tmp_path / "model.keras", with_config(members, grow)))
    assert time.perf_counter() - start < 5
    assert keras.Variable.__init__ is create, "the limit outlives the load"


@pytest.mark.once
@pytest.mark.parametrize("units", [-1, 0, 2.5, None, "four", 5, [], {}])
def test_a_config_that_makes_no_sense_is_a_value_error(tmp_path: Path, members: dict[str, bytes], units: Any) -> None:
    crafted = with_config(members, lambda config: layer(config, 1)["config"].update(units=units))
    with pytest.raises(ValueError, match=r"Could not load .*model\.keras.*Keras"):
        load_model(pack(tmp_path / "model.keras", crafted))


# === The weights ===


def huge(file: h5py.File) -> None:
    file.create_dataset("huge", shape=(10**12,), dtype="f4", chunks=(1024,))


def huge_contiguous(file: h5py.File) -> None:
    space = h5py.h5s.create_simple((10**12,))  # 4 TB, of which nothing is stored
    h5py.h5d.create(file.id, b"huge", h5py.h5t.NATIVE_FLOAT, space)


def compressed(file: h5py.File) -> None:
    file.create_dataset("zeros", data=np.zeros(10**6, "f4"), compression="gzip")


def external_link(file: h5py.File) -> None:
    file["vars/stolen"] = h5py.ExternalLink("/etc/hostname", "/")


def soft_link(file: h5py.File) -> None:
    file["again"] = h5py.SoftLink("/layers")


def loop(file: h5py.File) -> None:
    file["layers/dense/loop"] = file["layers"]


def loop_to_the_root(file: h5py.File) -> None:
    file["layers/root"] = file["/"]


def external_storage(file: h5py.File) -> None:
    file.create_dataset("stolen", (8,), "u1", external=[("/etc/hostname", 0, 8)])


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((8,), "f4")
    layout[:] = h5py.VirtualSource("/etc/other.h5", "data", (8,))
    file.create_virtual_dataset("stolen", layout)


def objects(file: h5py.File) -> None:
    file.create_dataset("text", data=["a", "b"], dtype=h5py.string_dtype())


def references(file: h5py.File) -> None:
    file.create_dataset("reference", data=file["layers"].ref, dtype=h5py.ref_dtype)


def compound(file: h5py.File) -> None:
    file.create_dataset("pairs", data=np.zeros(2, [("a", "f4"), ("b", "f4")]))


def empty(file: h5py.File) -> None:
    file.create_dataset("empty", data=h5py.Empty("f4"))


def named_type(file: h5py.File) -> None:
    file["type"] = np.dtype("f4")


@pytest.mark.once
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (huge, "stores all of them"),
        (huge_contiguous, "stores all of them"),
        (compressed, "stores all of them"),
        (empty, "stores all of them"),
        (external_link, r"a link at /vars/stolen"),
        (soft_link, "a link at /again"),
        (loop, "twice"),
        (loop_to_the_root, "twice"),
        (external_storage, "another file"),
        (virtual, "another file"),
        (objects, "Expected numbers"),
        (references, "Expected numbers"),
        (compound, "Expected numbers"),
        (named_type, "named type"),
    ],
)
def test_weights_that_are_more_than_plain_numbers_are_refused(
    tmp_path: Path,
    members: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[h5py.File], None],
    message: str,
) -> None:
    monkeypatch.setattr(keras.saving, "load_model", lambda *_, **__: pytest.fail("Keras saw the archive"))
    with pytest.raises(ValueError, match=rf"Refused to load .*model\.keras.*{message}"):
        load_model(pack(tmp_path / "model.keras", with_weights(members, change)))


@pytest.mark.once
def test_weights_that_are_no_hdf5_file_are_refused(tmp_path: Path, members: dict[str, bytes]) -> None:
    for content in (b"", b"text", members[WEIGHTS][:-100], members[WEIGHTS][: len(members[WEIGHTS]) // 2]):
        with pytest.raises(ValueError, match=r"Refused to load .*damaged"):
            load_model(pack(tmp_path / "model.keras", {**members, WEIGHTS: content}))


@pytest.mark.once
def test_missing_weights_are_not_made_up(tmp_path: Path, members: dict[str, bytes]) -> None:
    def forget(file: h5py.File) -> None:
        del file["layers/dense/vars/0"]

    with pytest.raises(ValueError, match="Could not load"):
        load_model(pack(tmp_path / "model.keras", with_weights(members, forget)))


# === Damage of every kind: a model or a ValueError, and soon ===

flips = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats() | st.text(max_size=5) | st.just("Dense"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
fuzz = settings(max_examples=100, deadline=5000, database=None, derandomize=True)


def flip(content: bytes, changes: list[tuple[float, int]]) -> bytes:
    damaged = bytearray(content)
    for place, mask in changes:
        damaged[int(place * len(damaged))] ^= mask
    return bytes(damaged)


def load_or_refuse(file: Path) -> None:
    try:
        outcome = load_model(file)
    except ValueError as error:
        outcome = str(error)
    assert isinstance(outcome, keras.Model) or str(file) in outcome


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch")


@pytest.mark.once
@fuzz
@given(changes=flips)
def test_flipped_bytes_of_the_archive(members: dict[str, bytes], scratch: Path, changes: Any) -> None:
    file = pack(scratch / "model.keras", members)
    file.write_bytes(flip(file.read_bytes(), changes))
    load_or_refuse(file)


@pytest.mark.once
@fuzz
@given(changes=flips)
def test_flipped_bytes_of_the_weights(members: dict[str, bytes], scratch: Path, changes: Any) -> None:
    damaged = {**members, WEIGHTS: flip(members[WEIGHTS], changes)}
    load_or_refuse(pack(scratch / "model.keras", damaged))


@pytest.mark.once
@fuzz
@given(data=st.data(), value=json_values)
def test_replaced_parts_of_the_config(members: dict[str, bytes], scratch: Path, data: Any, value: Any) -> None:
    config = json.loads(members[CONFIG])
    places: list[tuple[Any, Any]] = []
    todo: list[Any] = [config]
    while todo:
        node = todo.pop()
        keys = list(node) if isinstance(node, dict) else list(range(len(node))) if isinstance(node, list) else []
        places += [(node, key) for key in keys]
        todo += [node[key] for key in keys]
    node, key = places[data.draw(st.integers(0, len(places) - 1))]
    node[key] = value
    load_or_refuse(pack(scratch / "model.keras", {**members, CONFIG: json.dumps(config).encode()}))
