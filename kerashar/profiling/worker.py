"""The process that measures one model: `python -m kerashar.profiling.worker`.

It reads a job, a line of JSON, and answers with the figures, or with the problem, as its last line.
"""

import json
import statistics
import sys
import time
from typing import Any

import keras
import numpy as np

from kerashar.models import create_model, load_model, model_card
from kerashar.profiling.flops import count_flops
from kerashar.profiling.process_memory import held_memory, peak_memory

WARM_UP = 2  # predictions that compile and fill caches
FEWEST, MOST, ENOUGH = 5, 50, 2.0  # predictions that are timed, and the seconds after which fewer than most will do


def main() -> None:
    """Take the job, measure, answer."""
    job = json.loads(sys.stdin.readline())
    try:
        answer = measure(job)
    except Exception as error:  # noqa: BLE001 (told to whoever started this process)
        answer = {"problem": " ".join(str(error).split()) or type(error).__name__}
    print(json.dumps(answer))  # noqa: T201


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Figures of a model as `BenchmarkRow` names them.

    Args:
        job: the `file` of a model, or the `name`, `input_shape` and `num_classes` of a registered one; the shape may
            be None, and is the card's then.
    """
    before = held_memory()
    if "file" in job:
        model = load_model(job["file"])
    else:
        shape = job["input_shape"] or model_card(job["name"]).input_shape
        model = create_model(job["name"], shape, job["num_classes"])
    shape = tuple(model.input_shape[1:])
    if None in shape:
        raise ValueError(f"Expected a model that takes one size. Received: a model of inputs {shape}.")
    one, many = (milliseconds(model, (batch, *shape)) for batch in (1, 64))
    peak = peak_memory()
    return {
        "input_shape": shape,
        "parameters": model.count_params(),
        "flops": count_flops(model),
        "milliseconds": one,
        "milliseconds_64": many,
        "megabytes": None if before is None or peak is None else peak - before,
    }


def milliseconds(model: keras.Model, shape: tuple[int, ...]) -> float:
    """Median time of a prediction, compiled as `predict` compiles it."""
    inputs = np.random.default_rng(0).random(shape, "float32")
    for _ in range(WARM_UP):
        model.predict_on_batch(inputs)
    times: list[float] = []
    while len(times) < FEWEST or (len(times) < MOST and sum(times) < ENOUGH):
        began = time.perf_counter()
        model.predict_on_batch(inputs)
        times.append(time.perf_counter() - began)
    return 1e3 * statistics.median(times)


if __name__ == "__main__":
    main()
