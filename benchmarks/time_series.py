"""Training steps and predictions of kerashar's networks against the same networks written by hand in PyTorch.

    python benchmarks/time_series.py                        # ratios, and the share of the machine's matrix products
    python benchmarks/time_series.py --scaling              # time and memory by window, batch and channels
    python benchmarks/time_series.py --models modern_tcn --batches 64 --rounds 9

Contenders take turns in processes of their own (`race.py`). keras-tcn, tsai and aeon join where they are installed.
Needs the `dev` extra, and a C++ compiler for torch.compile.
"""

import argparse
import functools
import time
from typing import Any

import numpy as np
from race import BACKENDS, Step, keras_steps, ours, pytorch_steps, race, serve

PEERS = ("pytorch eager", "pytorch compiled", "keras-tcn", "tsai", "aeon")
STEPS = {64: 8, 512: 2}  # of one round, so that a round takes about a second


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=["modern_tcn", "tcn", "resnet1d", "inception_time"])
    parser.add_argument("--batches", nargs="+", type=int, default=[64, 512])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scaling", action="store_true", help="how time and memory grow, instead of the ratios")
    parser.add_argument("--worker", nargs=2, metavar=("CONTENDER", "WORKLOAD"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        serve(steps_of, *options.worker)
    elif options.scaling:
        show_scaling(options.rounds)
    else:
        for model in options.models:
            for batch in options.batches:
                show_ratios(model, batch, options.rounds)


# === What the contenders are ===


def pytorch(kind: str, workload: dict[str, Any]) -> Step:
    from pytorch_networks import NETWORKS

    network = NETWORKS[workload["model"]](workload["channels"])
    return pytorch_steps(network, *data(workload), workload["batch"], compiled=kind == "compiled")


def keras_tcn(workload: dict[str, Any]) -> Step:
    from kerashar.choose_backend import choose_backend

    choose_backend("tensorflow")
    import keras
    from tcn import TCN

    inputs = keras.Input((workload["time"], workload["channels"]))
    trunk = TCN(64, 3, dilations=[1, 2, 4, 8, 16], dropout_rate=0.1, use_skip_connections=False)
    return keras_peer(inputs, trunk(inputs), workload)


def aeon(workload: dict[str, Any]) -> Step:
    from kerashar.choose_backend import choose_backend

    choose_backend("tensorflow")  # aeon knows no other
    from aeon.networks import InceptionNetwork, ResNetNetwork

    # Its ResNet is that of Wang et al. 2017: fewer and wider blocks than ours.
    network = {"resnet1d": ResNetNetwork, "inception_time": InceptionNetwork}[workload["model"]]()
    return keras_peer(*network.build_network((workload["time"], workload["channels"])), workload)


def keras_peer(inputs: Any, features: Any, workload: dict[str, Any]) -> Step:
    import keras

    model = keras.Model(inputs, keras.layers.Dense(6)(features))
    return keras_steps(model, *data(workload), workload["batch"], jit_compile=False)


def tsai(workload: dict[str, Any]) -> Step:
    import torch
    from tsai.models.InceptionTime import InceptionTime
    from tsai.models.ResNet import ResNet
    from tsai.models.TCN import TCN

    kinds = {
        "tcn": functools.partial(TCN, layers=[64] * 5, ks=3, conv_dropout=0.1),
        "resnet1d": ResNet,  # Wang et al. 2017: fewer and wider blocks than ours
        "inception_time": InceptionTime,
    }
    network = kinds[workload["model"]](workload["channels"], 6)

    class TimeFirst(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, windows: Any) -> Any:
            return self.network(windows.transpose(1, 2))

    return pytorch_steps(TimeFirst(), *data(workload), workload["batch"])


def data(workload: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    count = workload["batch"] * workload["steps"]
    windows = random.normal(size=(count, workload["time"], workload["channels"])).astype("float32")
    return windows, random.integers(0, 6, count)


def steps_of(contender: str, workload: dict[str, Any]) -> Step:
    name, _, kind = contender.partition(" ")
    if name == "ours":
        return ours(kind, workload["model"], *data(workload), workload["batch"])
    if name == "pytorch":
        return pytorch(kind, workload)
    return {"keras-tcn": keras_tcn, "tsai": tsai, "aeon": aeon}[name](workload)


# === What is shown ===


def show_ratios(model: str, batch: int, rounds: int) -> None:
    workload = {"model": model, "time": 128, "channels": 9, "batch": batch, "steps": STEPS.get(batch, 4)}
    peers = [peer for peer in PEERS if peer not in unlike(model)]
    contenders = race([*peers, *(f"ours {backend}" for backend in BACKENDS)], rounds, **workload)
    hand_written = [contender for name, contender in contenders.items() if name.startswith("pytorch")]
    best = {action: min(peer.fastest(action) for peer in hand_written) for action in ("train", "predict")}
    work_of_step, roof = flops(model, batch), product_rate()
    print(f"\n{model}, batch {batch}: {work_of_step / 1e9:.1f} GFLOP a training step,", end=" ")
    print(f"matrix products at {roof / 1e9:.0f} GFLOP/s\n")
    print("| | training step | ratio | share of the roof | prediction | ratio |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, contender in contenders.items():
        train, predict = contender.fastest("train"), contender.fastest("predict")
        print(
            f"| {name} | {train:.0f} ms | {train / best['train']:.2f} | {work_of_step / roof / train * 1e3:.0%} "
            f"| {predict:.1f} ms | {predict / best['predict']:.2f} |"
        )


def unlike(model: str) -> set[str]:
    """Peers that have no such network."""
    has = {
        "keras-tcn": {"tcn"},
        "tsai": {"tcn", "resnet1d", "inception_time"},
        "aeon": {"resnet1d", "inception_time"},
    }
    return {peer for peer, models in has.items() if model not in models}


def show_scaling(rounds: int) -> None:
    start = {"time": 128, "channels": 9, "batch": 32}
    varied = {"time": (128, 512, 2048, 8192), "batch": (8, 32, 128, 512), "channels": (9, 36, 144)}
    for setting, values in varied.items():
        print(f"\nmodern_tcn by {setting}, from window 128, batch 32, 9 channels\n")
        print("| | " + " | ".join(f"{setting} {value}" for value in values) + " |")
        print("| --- |" + " --- |" * len(values))
        for backend in BACKENDS:
            cells = []
            for value in values:
                workload = {"model": "modern_tcn", "steps": 2, **start, setting: value}
                (contender,) = race([f"ours {backend}"], rounds, **workload).values()
                samples = workload["batch"] * workload["time"]
                cells.append(f"{1e6 * contender.fastest('train') / samples:.0f} ns, {contender.memory:.0f} MiB")
            print(f"| {backend}: training step for each sample, most memory | " + " | ".join(cells) + " |", flush=True)


def flops(model: str, batch: int) -> int:
    """Floating-point operations of a training step: three times those of a forward pass, as PyTorch counts them."""
    import torch
    from pytorch_networks import NETWORKS
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        NETWORKS[model]()(torch.randn(2, 128, 9))
    return 3 * counter.get_total_flops() * batch // 2


def product_rate(size: int = 2048, repeats: int = 9) -> float:
    """Floating-point operations in a second of the machine's own matrix product."""
    import torch

    square, seconds = torch.randn(size, size), []
    for _ in range(repeats):
        began = time.perf_counter()
        square @ square
        seconds.append(time.perf_counter() - began)
    return 2 * size**3 / min(seconds)


if __name__ == "__main__":
    main()
