"""The input pipeline against tf.data and PyTorch's DataLoader, and how long a training step waits for it.

    python benchmarks/input.py --hapt hapt.zip --images cifar10_images.zip
    python benchmarks/input.py --hapt hapt.zip --images cifar10_images.zip --files 500 --steps 5 --rounds 2    # a trial
    python benchmarks/input.py --cut 10000000    # only how ten million samples are cut into windows

All read the same windows of HAPT from memory, and decode the same JPEG files of CIFAR-10 from a folder, shuffled, in
batches of 64, to NumPy. They take turns, so that all feel the same machine, and a figure is the fastest of its rounds.
Ours and DataLoader run without worker processes for windows, where they only cost, and with one for each core for
files. How long a step waits is its time with the pipeline less its time with one batch repeated, as a share of the
former. What cutting takes beside its recordings and the windows that come of it is measured in a round of its own, by
`tracemalloc`, which sees all of NumPy's arrays but not what is mapped from a file.
"""

import argparse
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np

BACKENDS = ("torch", "jax", "tensorflow")
BATCH = 64
CORES = os.cpu_count() or 1
Epoch = Callable[[], Iterable[Any]]  # gives the batches of one epoch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hapt", help="the publisher's archive of HAPT")
    parser.add_argument("--images", help="zip of CIFAR-10's images as files")
    parser.add_argument("--cut", type=int, metavar="SAMPLES", help="only cut this many samples of nine channels")
    parser.add_argument("--files", type=int, default=10_000, help="images to decode")
    parser.add_argument("--steps", type=int, default=20, help="training steps of a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.cut:
        print_cutting(options.cut, options.rounds)
        return
    if not (options.hapt and options.images):
        parser.error("expected --hapt and --images, or --cut")
    if options.worker:
        answers = sys.stdout
        with contextlib.redirect_stdout(sys.stderr):
            work = waiting if options.worker in BACKENDS else throughput
            found = work(options)
        json.dump(found, answers)
        return
    print("| samples in a second | ours | tf.data | ratio | DataLoader | ratio |")
    print("| --- | --- | --- | --- | --- | --- |")
    for task, rates in in_its_own_process("throughput").items():
        ours = rates["ours"]
        cells = [f"{ours:,.0f}"]
        for peer in ("tf.data", "DataLoader"):
            cells += [f"{rates[peer]:,.0f}", f"{ours / rates[peer]:.2f}"]
        print(f"| {task} | " + " | ".join(cells) + " |")
    print("\n| a training step | " + " | ".join(f"{backend} | waits" for backend in BACKENDS) + " |")
    print("| --- |" + " --- | --- |" * len(BACKENDS))
    found = [in_its_own_process(backend) for backend in BACKENDS]
    for task in found[0]:
        cells = [f"{times[task]['real']:.1f} ms | {share(**times[task]):.1%}" for times in found]
        print(f"| {task} | " + " | ".join(cells) + " |")


def share(real: float, repeated: float) -> float:
    return (real - repeated) / real


def in_its_own_process(worker: str) -> dict[str, dict[str, float]]:
    command = [sys.executable, "-W", "ignore", __file__, *sys.argv[1:], "--worker", worker]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def fastest(jobs: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Seconds of each job, which take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for number in range(rounds + 1):
        for name, job in jobs.items():
            began = time.perf_counter()
            job()
            if number:  # the first round warms up
                seconds[name].append(time.perf_counter() - began)
    return {name: min(times) for name, times in seconds.items()}


# === Samples in a second ===


def throughput(options: argparse.Namespace) -> dict[str, dict[str, float]]:
    from kerashar.data import load_windows
    from kerashar.data.batch_sources import image_file_source
    from kerashar.data.images import find_images
    from kerashar.data.input_pipeline import InputPipeline

    windows = load_windows("hapt", archive=options.hapt)
    with tempfile.TemporaryDirectory() as folder:
        paths, labels = extracted(options.images, options.files, Path(folder))
        files = find_images(folder)
        tasks: dict[str, tuple[int, dict[str, Epoch]]] = {
            f"{len(windows):,} windows from memory": (
                len(windows),
                {
                    "ours": keep_looping(InputPipeline(windows, BATCH, drop_last=False)),
                    "tf.data": tf_windows(windows.windows, windows.labels),
                    "DataLoader": torch_windows(windows.windows, windows.labels),
                },
            ),
            f"{len(files):,} JPEG files decoded": (
                len(files),
                {
                    "ours": keep_looping(
                        InputPipeline(image_file_source(files), BATCH, drop_last=False, processes=CORES)
                    ),
                    "tf.data": tf_files(paths, labels),
                    "DataLoader": torch_files(paths, labels),
                },
            ),
        }
        rates = {}
        for task, (count, contenders) in tasks.items():
            jobs = {name: lambda epoch=epoch, count=count: drain(epoch(), count) for name, epoch in contenders.items()}
            rates[task] = {name: count / took for name, took in fastest(jobs, options.rounds).items()}
    return rates


def extracted(archive: str, count: int, folder: Path) -> tuple[list[str], np.ndarray]:
    """The same files for all, since tf.data and DataLoader read folders."""
    from kerashar.data.images import find_images

    files = find_images(archive)
    files = files.select(np.linspace(0, len(files) - 1, count).astype(int))
    for index, name in enumerate(files.names):
        path = folder / str(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files.read(index))
    return [str(folder / name) for name in files.names], files.answers


def keep_looping(pipeline: Any) -> Epoch:
    return lambda: pipeline


def drain(batches: Iterable[Any], count: int) -> None:
    if (seen := sum(len(batch[1]) for batch in batches)) != count:
        raise RuntimeError(f"Expected {count} samples. Received: {seen}.")


def tf_windows(windows: np.ndarray, labels: np.ndarray) -> Epoch:
    import tensorflow as tf

    inputs, answers = tf.constant(windows), tf.constant(labels)
    rows = tf.data.Dataset.range(len(windows)).shuffle(len(windows), seed=0).batch(BATCH)
    data = rows.map(lambda batch: (tf.gather(inputs, batch), tf.gather(answers, batch)))  # not window by window
    return data.prefetch(tf.data.AUTOTUNE).as_numpy_iterator


def tf_files(paths: list[str], labels: np.ndarray) -> Epoch:
    import tensorflow as tf

    def decode(path: Any, label: Any) -> tuple[Any, Any]:
        return tf.io.decode_jpeg(tf.io.read_file(path), channels=3), label

    data = tf.data.Dataset.from_tensor_slices((paths, labels)).shuffle(len(paths), seed=0)
    data = data.map(decode, num_parallel_calls=tf.data.AUTOTUNE).batch(BATCH)
    return data.prefetch(tf.data.AUTOTUNE).as_numpy_iterator


def torch_windows(windows: np.ndarray, labels: np.ndarray) -> Epoch:
    import torch

    data = torch.utils.data.TensorDataset(torch.from_numpy(windows), torch.from_numpy(labels))
    rows = torch.utils.data.BatchSampler(torch.utils.data.RandomSampler(data), BATCH, drop_last=False)
    loader: Any = torch.utils.data.DataLoader(data, sampler=rows, batch_size=None)  # not window by window
    return lambda: ((batch.numpy(), label.numpy()) for batch, label in loader)


def torch_files(paths: list[str], labels: np.ndarray) -> Epoch:
    import torch

    loader: Any = torch.utils.data.DataLoader(
        JpegFiles(paths, labels),  # pyright: ignore[reportArgumentType]
        BATCH,
        shuffle=True,
        num_workers=CORES,
        persistent_workers=True,
        multiprocessing_context="spawn",  # TensorFlow's threads don't survive a fork
    )
    return lambda: ((batch.numpy(), label.numpy()) for batch, label in loader)


class JpegFiles:
    """What one writes for DataLoader."""

    def __init__(self, paths: list[str], labels: np.ndarray) -> None:
        self.paths = paths
        self.labels = labels

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[np.ndarray, int]:
        from PIL import Image

        with open(self.paths[index], "rb") as file:
            return np.asarray(Image.open(io.BytesIO(file.read())).convert("RGB")), int(self.labels[index])


# === Cutting windows ===


def print_cutting(samples: int, rounds: int) -> None:
    from kerashar.data import Recording, Segment, cut_windows

    count, channels, random = 100, 9, np.random.default_rng(0)
    names = tuple(f"channel_{number}" for number in range(channels))
    length = samples // count
    recordings = [
        Recording(
            random.standard_normal((length, channels), np.float32),
            50.0,
            names,
            ("g",) * channels,
            f"{number % 20:02}",
            f"recording-{number}",
            (Segment("walking", 0, length // 2), Segment("sitting", length // 2, length)),
        )
        for number in range(count)
    ]
    print(f"| {count * length:,} samples of {channels} channels | windows | seconds | MB of windows | MB beside them |")
    print("| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for where, file in (("in memory", None), ("in a file", Path(folder) / "windows.npy")):

            def cut(file: Path | None = file) -> Any:
                return cut_windows(recordings, class_names=("walking", "sitting"), file=file)

            took = fastest({where: cut}, rounds)[where]
            tracemalloc.start()
            found = cut()
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            beside = peak - (0 if file else found.windows.nbytes)
            megabytes = " | ".join(f"{size / 1e6:,.0f}" for size in (found.windows.nbytes, beside))
            print(f"| {where} | {len(found):,} | {took:.2f} | {megabytes} |")


# === How long a training step waits ===


def waiting(options: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Milliseconds of a step with the pipeline and with one batch repeated."""
    from kerashar.choose_backend import choose_backend

    choose_backend(options.worker)
    import keras

    from kerashar import create_model
    from kerashar.backend import jit_compile
    from kerashar.data import load_windows
    from kerashar.data.batch_sources import image_file_source
    from kerashar.data.images import decode_images, find_images
    from kerashar.data.input_pipeline import InputPipeline

    windows = load_windows("hapt", archive=options.hapt)
    files = find_images(options.images)
    files = files.select(np.linspace(0, len(files) - 1, options.files).astype(int))
    network = create_model("modern_tcn", windows.window_shape, windows.num_classes)
    tasks = {
        "ModernTCN, windows from memory": (network, InputPipeline(windows, BATCH)),
        "convolutions, images decoded before": (small_network(), InputPipeline(decode_images(files), BATCH)),
        "convolutions, JPEG files": (small_network(), InputPipeline(image_file_source(files), BATCH, processes=CORES)),
    }
    found = {}
    for task, (model, pipeline) in tasks.items():
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("adamw", loss, jit_compile=jit_compile())
        batches = pipeline.endless()
        one = next(batches)
        jobs = {
            "real": lambda model=model, batches=batches: fit(model, batches, options.steps),
            "repeated": lambda model=model, one=one: fit(model, forever(one), options.steps),
        }
        found[task] = {name: 1e3 * took / options.steps for name, took in fastest(jobs, options.rounds).items()}
        pipeline.close()
    return found


def small_network() -> Any:
    import keras
    from keras import layers

    inputs = keras.Input((32, 32, 3))
    features = layers.Rescaling(1 / 255)(inputs)
    for filters in (32, 64, 128):
        features = layers.Conv2D(filters, 3, padding="same", use_bias=False)(features)
        features = layers.Activation("relu")(layers.BatchNormalization()(features))
        features = layers.MaxPooling2D()(features)
    return keras.Model(inputs, layers.Dense(10)(layers.GlobalAveragePooling2D()(features)))


def forever(batch: Any) -> Iterator[Any]:
    yield from repeat(batch)


def fit(model: Any, batches: Iterator[Any], steps: int) -> None:
    model.fit(batches, steps_per_epoch=steps, shuffle=False, verbose=0)


if __name__ == "__main__":
    main()
