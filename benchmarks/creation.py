"""How long it takes to build a model, with initial weights by NumPy and by the backend.

    python benchmarks/creation.py

Each model is built in a process of its own, first by `create_model`, whose weights NumPy draws, then from its config,
by the initializers of Keras as they are. The second way finds what the first has compiled besides draws. A figure is
the least of its rounds.
"""

import argparse
import json
import subprocess
import sys
import time

from race import BACKENDS

MODELS = {
    "modern_tcn": (128, 9),
    "resnet1d": (128, 9),
    "vit_tiny": (32, 32, 3),
    "convnext_tiny": (32, 32, 3),
    "mobilenetv4_small": (32, 32, 3),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        print(json.dumps(seconds(*options.worker)))
        return
    print("| seconds by NumPy, and by the backend | " + " | ".join(BACKENDS) + " |")
    print("| --- |" + " --- |" * len(BACKENDS))
    for name in MODELS:
        cells = []
        for backend in BACKENDS:
            command = [sys.executable, "-W", "ignore", __file__, "--worker", backend, name]
            rounds = [json.loads(subprocess.check_output(command, text=True)) for _ in range(options.rounds)]
            ours, theirs = (min(times) for times in zip(*rounds, strict=True))
            cells.append(f"{ours:.2f}, {theirs:.2f} ({ours / theirs:.2f})")
        print(f"| {name} | " + " | ".join(cells) + " |")


def seconds(backend: str, name: str) -> tuple[float, float]:
    from kerashar.choose_backend import choose_backend

    choose_backend(backend)
    import keras

    from kerashar import create_model

    keras.ops.zeros((1,))  # wakes the backend
    began = time.perf_counter()
    model = create_model(name, MODELS[name], 10)
    halfway = time.perf_counter()
    type(model).from_config(model.get_config())
    return halfway - began, time.perf_counter() - halfway


if __name__ == "__main__":
    main()
