"""Features and augmentations against the plain loop over PyWavelets, SciPy, tsfel, tsfresh and albumentations.

    python benchmarks/features.py --hapt hapt.zip --images cifar10_images.zip
    python benchmarks/features.py --hapt hapt.zip --images cifar10_images.zip --only wavelet_transform --rounds 9

Everything works on the same 10,000 windows of HAPT (128 samples, 9 channels), or 10,000 images of CIFAR-10. The loop
takes one window after the other, on the first 500 of them. Ours runs on whole arrays (`array`), and as a compiled layer
on each backend, in batches of 500. Contenders run one after the other, in processes of their own; a figure is the
fastest of its rounds. tsfel, tsfresh and albumentations join where they are installed: tsfel's statistical features
are the loop of `handcrafted_features`, tsfresh's ten "minimal" features that of `signal_statistics`.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

BACKENDS = ("torch", "jax", "tensorflow")
COUNT, BATCH, LOOPED = 10_000, 500, 500
RATE = 50.0  # Hz, of HAPT
FEATURES: dict[str, dict[str, Any]] = {
    "fourier_spectrum": {},
    "power_spectral_density": {"segment": 64},
    "wavelet_transform": {"wavelet": "db4", "level": 3},
    "stationary_wavelet_transform": {"wavelet": "db4", "level": 3},
    "wavelet_packet": {"wavelet": "db4", "level": 3},
    "continuous_wavelet_transform": {"frequencies": (0.75, 1.5, 3.0, 6.0, 12.0)},
    "gaussian_smoothing": {"sigma": 2.0},
    "difference_of_gaussians": {"sigmas": (1.0, 2.0, 4.0)},
    "signal_statistics": {},
}
SHARE_OF_STEP = "augmentation's share of a training step"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hapt", required=True, help="the publisher's archive of HAPT")
    parser.add_argument("--images", required=True, help="zip of CIFAR-10's images as files")
    parser.add_argument("--only", nargs="+", help="features and augmentations to measure; all if not given")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        answers = sys.stdout
        with contextlib.redirect_stdout(sys.stderr):
            times = work(options.worker, options)
        json.dump(times, answers)
        return
    times = {worker: in_its_own_process(worker) for worker in ("loop", "array", *BACKENDS)}
    print(f"| {COUNT:,} windows or images | loop | array | " + " | ".join(BACKENDS) + " |")
    print("| --- |" + " --- |" * (2 + len(BACKENDS)))
    for name in dict.fromkeys(name for measured in times.values() for name in measured):
        loop = times["loop"].get(name)
        cells = []
        for measured in times.values():
            milliseconds = measured.get(name)
            if milliseconds is None:
                cells.append("-")
            elif name == SHARE_OF_STEP:
                cells.append(f"{milliseconds:.0%}")
            else:
                gain = f" ({loop / milliseconds:.1f}x)" if loop and measured is not times["loop"] else ""
                cells.append(f"{milliseconds:.0f} ms{gain}")
        print(f"| {name} | " + " | ".join(cells) + " |")


def in_its_own_process(worker: str) -> dict[str, float]:
    command = [sys.executable, "-W", "ignore", __file__, *sys.argv[1:], "--worker", worker]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


# === One contender in its process ===


def work(worker: str, options: argparse.Namespace) -> dict[str, float]:
    """Milliseconds for all windows or images by the name of the feature or augmentation."""
    from kerashar.memory import keep_memory

    keep_memory()  # as training and searches do
    if worker in BACKENDS:
        from kerashar.choose_backend import choose_backend

        choose_backend(worker)
    windows, images = hapt_windows(options.hapt), cifar_images(options.images)
    kinds = {"loop": loops, "array": arrays}
    jobs = kinds[worker](windows, images) if worker in kinds else layers(windows, images)
    wanted = {name: job for name, job in jobs.items() if not options.only or name in options.only}
    times = {name: fastest(job, options.rounds) for name, job in wanted.items()}
    if worker == "loop":
        # Of the Fourier spectrum SciPy's own batch is what there is to beat, not a loop.
        times = {name: time * (1 if name == "fourier_spectrum" else COUNT / LOOPED) for name, time in times.items()}
    if worker in BACKENDS and (not options.only or SHARE_OF_STEP in options.only):
        times[SHARE_OF_STEP] = share_of_step(options.rounds)
    return times


def fastest(job: Callable[[], Any], rounds: int) -> float:
    job()  # compiles, and warms up
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        job()
        seconds.append(time.perf_counter() - began)
    return 1e3 * min(seconds)


def loops(windows: np.ndarray, images: np.ndarray) -> dict[str, Callable[[], Any]]:
    import pywt
    from scipy import fft, ndimage, signal

    frequencies = np.array(FEATURES["continuous_wavelet_transform"]["frequencies"])
    scales = pywt.frequency2scale("morl", frequencies / RATE)
    each: dict[str, Callable[[np.ndarray], Any]] = {
        "power_spectral_density": lambda window: signal.welch(window, RATE, nperseg=64, axis=0),
        "wavelet_transform": lambda window: pywt.wavedec(window, "db4", level=3, axis=0),
        "stationary_wavelet_transform": lambda window: pywt.swt(window, "db4", level=3, axis=0, trim_approx=True),
        "wavelet_packet": lambda window: [
            node.data for node in pywt.WaveletPacket(window, "db4", "symmetric", 3, axis=0).get_level(3, "freq")
        ],
        "continuous_wavelet_transform": lambda window: pywt.cwt(window, scales, "morl", axis=0),
        "gaussian_smoothing": lambda window: ndimage.gaussian_filter1d(window, 2.0, axis=0),
        "difference_of_gaussians": lambda window: [
            ndimage.gaussian_filter1d(window, sigma, axis=0) for sigma in (1.0, 2.0, 4.0)
        ],
    }
    jobs: dict[str, Callable[[], Any]] = {
        name: lambda function=function: [function(window) for window in windows[:LOOPED]]
        for name, function in each.items()
    }
    jobs["fourier_spectrum"] = lambda: np.abs(fft.rfft(windows, axis=1))
    if tsfel := installed("tsfel"):
        configuration = tsfel.get_features_by_domain("statistical")
        jobs["handcrafted_features"] = lambda: [
            tsfel.time_series_features_extractor(configuration, window, fs=RATE, verbose=0)
            for window in windows[:LOOPED]
        ]
    if installed("tsfresh"):
        jobs["signal_statistics"] = tsfresh_loop(windows[:LOOPED])
    if albumentations := installed("albumentations"):
        single = {
            "flip": albumentations.HorizontalFlip(p=0.5),
            "rotation": albumentations.Rotate(15, p=1),
            "color_jitter": albumentations.ColorJitter(p=1),
            "gaussian_blur": albumentations.GaussianBlur(p=1),
            "random_erasing": albumentations.Erasing(p=1),
        }
        bytes_of_images = images.astype("uint8")
        for name, transform in single.items():
            jobs[name] = lambda transform=transform: [
                transform(image=image)["image"].astype("float32")
                for image in bytes_of_images[:LOOPED]  # as ours
            ]
    return jobs


def tsfresh_loop(windows: np.ndarray) -> Callable[[], Any]:
    """tsfresh loops by itself, over a table with a row for each sample."""
    import pandas
    from tsfresh import extract_features
    from tsfresh.feature_extraction import MinimalFCParameters

    count, length, channels = windows.shape
    table = pandas.DataFrame(windows.reshape(-1, channels), columns=[f"channel {number}" for number in range(channels)])
    table["window"], table["sample"] = np.repeat(np.arange(count), length), np.tile(np.arange(length), count)
    options = {"default_fc_parameters": MinimalFCParameters(), "disable_progressbar": True, "n_jobs": 0}
    return lambda: extract_features(table, column_id="window", column_sort="sample", **options)


def arrays(windows: np.ndarray, images: np.ndarray) -> dict[str, Callable[[], Any]]:
    from kerashar.features import HandcraftedFeatures, create_features

    features = create_features(FEATURES, RATE)
    jobs: dict[str, Callable[[], Any]] = {
        name: lambda feature=feature: feature.array(windows) for name, feature in zip(FEATURES, features, strict=True)
    }
    handcrafted = HandcraftedFeatures(RATE).fit(windows)
    jobs["handcrafted_features"] = lambda: handcrafted.transform(windows)
    return jobs


def layers(windows: np.ndarray, images: np.ndarray) -> dict[str, Callable[[], Any]]:
    from keras import ops

    from kerashar.backend import compiled
    from kerashar.features import create_augmentations, create_features

    augmentations = {
        "flip": True,
        "rotation": 15.0,
        "color_jitter": True,
        "gaussian_blur": True,
        "random_erasing": True,
    }

    def job(layer: Any, inputs: np.ndarray, **arguments: Any) -> Callable[[], Any]:
        batches = [ops.convert_to_tensor(inputs[start : start + BATCH]) for start in range(0, COUNT, BATCH)]
        layer.build(batches[0].shape)
        state = [variable.value for variable in layer.non_trainable_variables]

        def apply(batch: Any) -> Any:
            return layer.stateless_call([], state, batch, **arguments)[0]

        function = compiled(apply)
        return lambda: [ops.convert_to_numpy(function(batch)) for batch in batches]

    features = create_features(FEATURES, RATE)
    jobs = {name: job(feature, windows) for name, feature in zip(FEATURES, features, strict=True)}
    for name, layer in zip(augmentations, create_augmentations(augmentations, seed=0), strict=True):
        jobs[name] = job(layer, images, training=True)
    return jobs


def share_of_step(rounds: int) -> float:
    """How much longer a training step of ModernTCN takes behind the policy for signals."""
    import keras

    from kerashar import create_model
    from kerashar.backend import jit_compile
    from kerashar.features import create_augmentations

    random = np.random.default_rng(0)
    windows, labels = random.normal(size=(512, 128, 9)).astype("float32"), random.integers(0, 6, 512)
    policy = create_augmentations({"signal_augment": {"triples": "consecutive"}}, seed=0)[0]
    jobs = []
    for augmented in (False, True):
        inputs = keras.Input((128, 9))
        network = create_model("modern_tcn", (128, 9), 6)
        model = keras.Model(inputs, network(policy(inputs) if augmented else inputs))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("adamw", loss, jit_compile=jit_compile())
        jobs.append(lambda model=model: model.fit(windows, labels, batch_size=64, verbose=0))
        jobs[-1]()
    plain, behind = [], []
    for _ in range(rounds):  # in turns, so that both feel the same machine
        plain.append(fastest(jobs[0], 1))
        behind.append(fastest(jobs[1], 1))
    return min(behind) / min(plain) - 1


# === Data ===


def hapt_windows(archive: str) -> np.ndarray:
    from kerashar.data import load_windows

    windows = load_windows("hapt", archive=archive).windows
    return windows[np.arange(COUNT) % len(windows)]


def cifar_images(archive: str) -> np.ndarray:
    from kerashar.data.images import decode_images, find_images

    return decode_images(find_images(archive).select(slice(COUNT))).images.astype("float32")


def installed(name: str) -> Any:
    try:
        return __import__(name)
    except ImportError:
        print(f"left out: {name}", file=sys.stderr)
        return None


if __name__ == "__main__":
    main()
