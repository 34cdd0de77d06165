"""The NumPy runtime and the ONNX model give what the stream on Keras gives."""

import json
import subprocess
import sys

import numpy as np
import onnxruntime
import pytest
from keras import ops

from kerashar.data.builders.hapt_archive import read_hapt
from kerashar.inference import NumpyStream, Stream, StreamState
from kerashar.inference.array_file import load_arrays
from kerashar.models import create_model
from tests.data.conftest import REAL_DATA
from tests.streams import CASES, CAUSAL, CHANNELS, cut, feed, small_model, strided_model
from tests.support import TOLERANCE, calm, random_signal, run, scramble

SIGNAL = 2 * random_signal(3, 72, CHANNELS) + 1
MODELS = [
    *(pytest.param(lambda case=case: small_model(*case), id=str(case)) for case in CASES),
    pytest.param(strided_model, id="strided"),
]


def in_onnx(path, stream, signal, chunk):
    """The outputs of an ONNX model, and its last state, of a signal that is fed in its chunks."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    arrays = [ops.convert_to_numpy(array) for array in stream.initial_state(len(signal)).arrays]
    outputs = []
    for start in range(0, signal.shape[1], chunk):
        inputs = {f"state_{number}": array for number, array in enumerate(arrays)}
        inputs |= {"samples": signal[:, start : start + chunk], "position": np.array(start)}
        taken = {entry.name for entry in session.get_inputs()}
        logits, *arrays = session.run(None, {name: value for name, value in inputs.items() if name in taken})
        outputs.append(logits)
    return np.concatenate(outputs, axis=1), arrays


@pytest.mark.once
@pytest.mark.parametrize("make", MODELS)
def test_numpy_and_onnx_equal_the_stream(make, tmp_path):
    stream = Stream(make())
    expected, state = feed(stream, SIGNAL, cut(72, 5))
    stream.save(tmp_path / "model.stream.npz")
    numpy_stream = NumpyStream.load(tmp_path / "model.stream.npz")
    for sizes in ((), (1,) * 30, (7, 0, 34)):
        outputs, end = feed(numpy_stream, SIGNAL, cut(72, *sizes))
        assert outputs.dtype == np.float32
        np.testing.assert_allclose(outputs, expected, rtol=0, atol=TOLERANCE)
    for chunk in (stream.program.period, 12):
        stream.export_onnx(tmp_path / "model.onnx", chunk)
        outputs, arrays = in_onnx(tmp_path / "model.onnx", stream, SIGNAL, chunk)
        np.testing.assert_allclose(outputs, expected, rtol=0, atol=TOLERANCE)
        for array, other, own in zip(arrays, end.arrays, state.arrays, strict=True):
            assert array.shape == other.shape == tuple(own.shape)


def test_a_state_goes_from_one_runtime_to_another(tmp_path):
    stream = Stream(small_model("causal_modern_tcn", {"memory": 11}))
    expected, _ = feed(stream, SIGNAL, [8, 8])
    _, state = feed(stream, SIGNAL, [8])
    state.save(tmp_path / "state.npz")
    stream.save(tmp_path / "model.stream.npz")
    rest = SIGNAL[:, 8:]
    outputs, _ = feed(
        NumpyStream.load(tmp_path / "model.stream.npz"), rest, [8], StreamState.load(tmp_path / "state.npz")
    )
    np.testing.assert_allclose(outputs, expected[:, 8:], rtol=0, atol=TOLERANCE)


@pytest.mark.once
def test_the_numpy_runtime_loads_no_backend(tmp_path):
    Stream(small_model("causal_modern_tcn", {})).save(tmp_path / "model.stream.npz")
    code = (
        "import sys, numpy\n"
        "from kerashar.inference.numpy_stream import NumpyStream\n"
        "from kerashar.inference import RunningDecision\n"
        "stream, decision = NumpyStream.load('model.stream.npz'), RunningDecision()\n"
        "logits, state = stream.step(numpy.ones((1, 3, 3)), stream.initial_state())\n"
        "decision.step(logits, decision.initial_state(4))\n"
        "state.save('state.npz')\n"
        "print(logits.shape, *({'keras', 'torch', 'jax', 'tensorflow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "(1, 3, 4)", done.stderr


@pytest.fixture(scope="module")
def recording():
    """The first whole recording of HAPT with at least 20,000 samples, `(1, time, 6)`."""
    archive = REAL_DATA / "hapt.zip"
    if not archive.is_file():
        pytest.fail(f"The real archive is missing: {archive}. This test needs the folder shared/ beside the checkout.")
    signal = next(one.signal for one in read_hapt(archive) if len(one.signal) >= 20_000)
    return signal[None]


def fitted(name, recording, **settings):
    model = create_model(name, (None, recording.shape[-1]), 6, **settings)
    scramble(model)
    model.get_layer("normalization").fit(recording)
    calm(model, recording[:, :2000])
    return model


def check_recording(model, outputs, recording, *prefixes):
    for prefix in (*prefixes, recording.shape[1]):
        expected = run(model, recording[:, :prefix])
        np.testing.assert_allclose(outputs[:, prefix - 1], expected, rtol=0, atol=TOLERANCE, err_msg=f"after {prefix}")


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("tcn", {"hidden": 16, "pooling": "average"}),
        ("tcn", {"hidden": 16, "pooling": "attention"}),
        ("causal_modern_tcn", {"hidden": 16}),
        ("causal_modern_tcn", {"hidden": 16, "memory": 128}),
    ],
    ids=str,
)
def test_a_whole_recording_in_chunks(name, settings, recording):
    model = fitted(name, recording, **settings)
    whole = recording.shape[1] // 256 * 256
    outputs, _ = feed(Stream(model), recording, [2048, whole - 2048, *[1] * (recording.shape[1] - whole)])
    check_recording(model, outputs, recording, 2000)


@pytest.mark.once
@pytest.mark.parametrize("name", CAUSAL)
def test_a_whole_recording_sample_by_sample(name, recording, tmp_path):
    model = fitted(name, recording)  # of the default size, whose gates and pool hear all samples so far
    Stream(model).save(tmp_path / "model.stream.npz")
    outputs, _ = feed(NumpyStream.load(tmp_path / "model.stream.npz"), recording, [1] * recording.shape[1])
    check_recording(model, outputs, recording, 1, 128, 5000)


@pytest.mark.once
def test_refuses_chunks_that_the_strides_do_not_divide(tmp_path):
    stream = Stream(strided_model())
    with pytest.raises(ValueError, match=r"chunk of 6, or a multiple.*chunk=4"):
        stream.export_onnx(tmp_path / "model.onnx", 4)


# --- files ---


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "model.stream.npz"
    Stream(small_model("tcn", {})).save(path)
    return path


@pytest.mark.once
def test_a_cut_off_file_is_refused(saved):
    content = saved.read_bytes()
    for length in (0, 10, len(content) // 2, len(content) - 10):
        saved.write_bytes(content[:length])
        with pytest.raises(ValueError, match="npz file"):
            NumpyStream.load(saved)
    damaged = bytearray(content)
    damaged[len(content) // 2] ^= 1
    saved.write_bytes(damaged)
    with pytest.raises(ValueError, match=r"Expected .* Received"):
        NumpyStream.load(saved)


@pytest.mark.once
def test_pickles_and_foreign_files_are_refused(saved):
    np.savez(saved, program=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="Object arrays cannot be loaded"):
        NumpyStream.load(saved)
    np.savez(saved, other=np.zeros(3))
    with pytest.raises(ValueError, match="format 'kerashar stream program 1'"):
        NumpyStream.load(saved)
    with pytest.raises(ValueError, match="Expected the state of a stream"):
        StreamState.load(saved)
    with pytest.raises(ValueError, match=r"ends in \.npz"):
        Stream(small_model("tcn", {})).save(saved.with_suffix(".bin"))


def _line(program, kind):
    return next(line for line in program["lines"] if line["kind"] == kind)


@pytest.mark.once
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda program, arrays: program.update(format="kerashar stream program 2"), "program 2"),
        (lambda program, arrays: _line(program, "Convolve").update(kind="Convolv"), "Did you mean 'Convolve'"),
        (lambda program, arrays: _line(program, "Convolve").update(values=[99]), "not computed before"),
        (lambda program, arrays: _line(program, "Convolve")["settings"].update(dilation=0), "dilation=0"),
        (lambda program, arrays: _line(program, "Convolve")["settings"].update(taps="3"), "taps='3'"),
        (lambda program, arrays: _line(program, "Convolve")["settings"].update(more=1), "more"),
        (lambda program, arrays: program.update(output=99), "output=99"),
        (lambda program, arrays: program.update(channels=2), "channels"),
        (lambda program, arrays: arrays.update({"1.kernel": arrays["1.kernel"][:-1]}), "kernel"),
        (lambda program, arrays: arrays.update({"1.kernel": arrays["1.kernel"] * np.nan}), "kernel"),
        (lambda program, arrays: arrays.update({"1.kernel": arrays["1.kernel"].astype("float64")}), "kernel"),
        (lambda program, arrays: arrays.pop("1.kernel"), "1.kernel"),
        (lambda program, arrays: arrays.update(extra=np.zeros(2, "float32")), "no instruction takes 'extra'"),
    ],
)
def test_an_unsound_program_is_refused(saved, change, message):
    arrays = load_arrays(saved)
    program = json.loads(str(arrays["program"]))
    change(program, arrays)
    np.savez(saved, **{**arrays, "program": np.array(json.dumps(program))})
    with pytest.raises(ValueError, match=message):
        NumpyStream.load(saved)
