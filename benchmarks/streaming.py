"""Microseconds per sample of streaming inference, against recomputing the window and against pytorch-tcn's buffers.

    OMP_NUM_THREADS=1 python benchmarks/streaming.py --rounds 5 --samples 200

Each way gives logits at every sample, fed sample by sample: of one stream, and of 64 side by side (time per sample of
all 64). The ways of a backend take turns in one process; figures are medians over the rounds. "window again" runs the
model of 128 samples anew at each sample, as one compiled function. TCN is 5 levels of 64 channels and 3 taps, as
pytorch-tcn's.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np

WINDOW, CHANNELS, CLASSES = 128, 9, 6
BATCHES = (1, 64)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("--rounds", 5), ("--samples", 200)):
        parser.add_argument(name, type=int, default=default)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measure(options.rounds, options.samples)))
        return
    print(f"{'model':18} {'way':24} {'1 stream':>9} {'64 streams':>11}")
    for backend in ("torch", "jax", "tensorflow"):
        if not find_spec(backend):
            print(f"{backend}: not installed")
            continue
        command = [sys.executable, __file__, "--child", f"--rounds={options.rounds}", f"--samples={options.samples}"]
        settings = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
        done = subprocess.run(command, env=settings, stdout=subprocess.PIPE, text=True, check=True)
        for model, way, *figures in json.loads(done.stdout.splitlines()[-1]):
            one, many = (str(round(figures[batch])) if batch < len(figures) else "-" for batch in (0, 1))
            print(f"{model:18} {way:24} {one:>9} {many:>11}", flush=True)
    for package in ("onnx", "onnxruntime", "pytorch_tcn"):
        if not find_spec(package):
            print(f"{package}: not installed")


def measure(rounds: int, samples: int) -> list[tuple[Any, ...]]:
    """Rows of model, way, and microseconds for each of BATCHES, on this process's backend."""
    from kerashar import create_model

    times: dict[tuple[str, str], dict[int, list[float]]] = {}
    for name in ("tcn", "causal_modern_tcn"):
        model = create_model(name, (WINDOW, CHANNELS), CLASSES)
        for batch in BATCHES:
            ways = dict(ways_of(name, model, batch))
            for run in ways.values():
                run(3)  # compile
            for _ in range(rounds):
                for way, run in ways.items():
                    began = time.perf_counter()
                    run(samples)
                    spent = (time.perf_counter() - began) / samples * 1e6
                    times.setdefault((name, way), {}).setdefault(batch, []).append(spent)
    return [(*row, *(statistics.median(figures) for figures in found.values())) for row, found in times.items()]


def ways_of(name: str, model: Any, batch: int) -> Iterator[tuple[str, Callable[[int], Any]]]:
    """What this backend can do: functions of the number of samples."""
    import keras

    from kerashar.backend import compiled
    from kerashar.inference import NumpyStream, Stream

    stream, backend, to_numpy = Stream(model), keras.backend.backend(), keras.ops.convert_to_numpy
    sample, window = np.ones((batch, 1, CHANNELS), "float32"), np.ones((batch, WINDOW, CHANNELS), "float32")
    model_on = compiled(lambda signal: model(signal, training=False))

    def again(samples: int) -> None:
        for _ in range(samples):
            to_numpy(model_on(keras.ops.convert_to_tensor(window)))

    def steps(stream: Any, samples: int) -> None:
        state = stream.initial_state(batch)
        for _ in range(samples):
            logits, state = stream.step(sample, state)
            to_numpy(logits)

    yield f"{backend}: Stream", lambda samples: steps(stream, samples)
    yield f"{backend}: window again", again
    if backend == "torch":
        numpy_stream = NumpyStream(stream.program)
        yield "NumpyStream", lambda samples: steps(numpy_stream, samples)
        if find_spec("onnx") and find_spec("onnxruntime"):
            yield "ONNX Runtime", onnx_way(stream, sample)
        if find_spec("pytorch_tcn") and name == "tcn" and batch == 1:  # it streams no batches
            yield "pytorch-tcn's buffers", pytorch_tcn_way()


def onnx_way(stream: Any, sample: np.ndarray) -> Callable[[int], None]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    with tempfile.TemporaryDirectory() as folder:
        stream.export_onnx(f"{folder}/model.onnx")
        session = onnxruntime.InferenceSession(f"{folder}/model.onnx", options)

    def run(samples: int) -> None:
        arrays = [np.asarray(array) for array in stream.initial_state(len(sample)).arrays]
        for position in range(samples):
            inputs = {f"state_{number}": array for number, array in enumerate(arrays)}
            _, *arrays = session.run(None, {"samples": sample, "position": np.array(position), **inputs})

    return run


def pytorch_tcn_way() -> Callable[[int], None]:
    import torch
    from pytorch_tcn import TCN

    dilations = [2**level for level in range(5)]
    network = TCN(CHANNELS, [64] * 5, 3, dilations, output_projection=CLASSES).eval()
    sample = torch.ones(1, CHANNELS, 1)

    def run(samples: int) -> None:
        with torch.no_grad():
            for _ in range(samples):
                network.inference(sample)

    return run


if __name__ == "__main__":
    main()
