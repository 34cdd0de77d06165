"""Training steps and predictions of kerashar's image models against timm's, or, of our own designs, against the same
networks written by hand in PyTorch (`pytorch_image_networks.py`).

    python benchmarks/images.py
    python benchmarks/images.py --models convnext_tiny vit_small --side 64 --batch 64 --rounds 9
    python benchmarks/images.py --one-core                  # where other work runs beside it

Contenders take turns in processes of their own (`race.py`). timm's networks get the stem, patches and strides that ours
take for small images, so that both do the same arithmetic. Needs the `dev` extra, and a C++ compiler for torch.compile.
"""

import argparse
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
from race import BACKENDS, Contender, Step, ours, pytorch_steps, race, serve

CLASSES = 10
CONTENDERS = ("peer eager", "peer compiled", *(f"ours {backend}" for backend in BACKENDS))
ARITHMETIC = 1e11  # floating-point operations of a round of training steps, at least: about a second
MODELS = (
    "plain_cnn",
    "small_resnet",
    "dense_net_7x7",
    "dual_branch",
    "inception_fsd",
    "dilated_group_conv_net",
    "convnext_atto",
    "convnextv2_atto",
    "vit_tiny",
    "eva02_tiny",
    "caformer_s18",
    "mobilenetv3_small",
    "mobilenetv4_small",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--contenders", nargs="+", default=CONTENDERS, metavar="CONTENDER")
    parser.add_argument("--side", type=int, default=32)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one-core", action="store_true", help="count one core's time, for where other work runs")
    parser.add_argument("--worker", nargs=2, metavar=("CONTENDER", "WORKLOAD"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        serve(steps_of, *options.worker)
        return
    results = {}
    for model in options.models:
        work = flops(model, options.side, options.batch)
        steps = int(min(max(ARITHMETIC // work, 1), 8))
        workload = {"model": model, "side": options.side, "batch": options.batch, "steps": steps}
        results[model] = race(options.contenders, options.rounds, one_core=options.one_core, **workload)
        print(f"{model}: {work / 1e9:.1f} GFLOP a training step", file=sys.stderr)
        show({model: results[model]}, file=sys.stderr)
    show(results)


# === What the contenders are ===


def steps_of(contender: str, workload: dict[str, Any]) -> Step:
    name, _, kind = contender.partition(" ")
    images, labels = data(workload)
    if name == "ours":
        return ours(kind, workload["model"], images, labels, workload["batch"])
    normalised = np.ascontiguousarray(((images - 127.5) / 64).transpose(0, 3, 1, 2))
    network = peer(workload["model"], workload["side"])
    return pytorch_steps(network, normalised, labels, workload["batch"], compiled=kind == "compiled")


def peer(model: str, side: int) -> Any:
    """The network in PyTorch, with the strides that ours has for images of that side."""
    from pytorch_image_networks import NETWORKS

    if model in NETWORKS:
        return NETWORKS[model](CLASSES)
    sys.path.append(str(Path(__file__).parents[1]))
    from kerashar.models.images.mobile_network import strides_for
    from kerashar.models.images.sizes import patch_size_for, stride_for
    from tests.timm_models import timm

    family, _, size = model.partition("_")
    shape = (side, side, 3)
    if family in ("convnext", "convnextv2"):
        return timm.create_model(model, num_classes=CLASSES, patch_size=stride_for(shape, 4, 8), drop_path_rate=0.1)
    if family in ("vit", "eva02"):
        published = {"vit": 16, "eva02": 14}[family]
        grid = {"img_size": side, "patch_size": patch_size_for(shape, published)}
        name = f"{model}_patch{published}_224"
        return timm.create_model(name, num_classes=CLASSES, drop_path_rate=0.1, **grid)
    if family == "caformer":
        network = timm.create_model(model, num_classes=CLASSES, drop_path_rate=0.1)
        convolution, stride = network.stem.conv, stride_for(shape, 4, 8)
        if stride < 4:
            convolution.stride, convolution.padding = (stride, stride), (3, 3)
        return network
    name = f"mobilenetv3_{size}_100" if family == "mobilenetv3" else f"mobilenetv4_conv_{size}"
    network = timm.create_model(name, num_classes=CLASSES, drop_rate=0.2)
    halving = [each for each in network.modules() if getattr(each, "stride", 1) == (2, 2)]
    for convolution, stride in zip(halving, strides_for(shape, [2] * len(halving), None), strict=True):
        convolution.stride = (stride, stride)
    return network


def data(workload: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    count = workload["batch"] * workload["steps"]
    images = random.integers(0, 256, (count, workload["side"], workload["side"], 3)).astype("float32")
    return images, np.arange(count) % CLASSES


# === What is shown ===


def show(results: dict[str, dict[str, Contender]], **where: Any) -> None:
    """Two tables: milliseconds of each contender, and their ratio to the eager peer's."""
    names = list(dict.fromkeys(name for contenders in results.values() for name in contenders))
    for action, title in (("train", "training step"), ("predict", "prediction")):
        print(f"\n| {title} | " + " | ".join(re.sub("^ours ", "", name) for name in names) + " |", **where)
        print("| --- |" + " --- |" * len(names), **where)
        for model, contenders in results.items():
            cells = [cell(contenders, name, action) for name in names]
            print(f"| {model} | " + " | ".join(cells) + " |", flush=True, **where)


def cell(contenders: dict[str, Contender], name: str, action: str) -> str:
    if name not in contenders:
        return "-"
    took = contenders[name].fastest(action)
    if "peer eager" not in contenders or name == "peer eager":
        return f"{took:.1f} ms"
    return f"{took:.1f} ms ({took / contenders['peer eager'].fastest(action):.2f})"


def flops(model: str, side: int, batch: int) -> int:
    """Floating-point operations of a training step: three times those of a forward pass, as PyTorch counts them."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    network = peer(model, side).eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.randn(2, 3, side, side))
    return 3 * counter.get_total_flops() * batch // 2


if __name__ == "__main__":
    main()
