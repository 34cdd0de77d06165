"""What models cost and reach, one row each."""

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras

from kerashar.files import write_csv
from kerashar.fresh_process import DiedError, answer_apart


@dataclass(frozen=True)
class BenchmarkRow:
    """Figures of one model; those that could not be measured are None.

    Args:
        model: registered name, or the folder of a run.
        top_1: share of windows or images whose class a trained model finds.
        top_1_of: where: `"test"` or `"validation"`; empty where the model is not trained.
        input_shape: of one sample.
        parameters: number of weights.
        flops: multiply-adds of one sample, as `count_flops` counts them.
        milliseconds: median time of a prediction of one sample.
        milliseconds_64: of a batch of 64.
        megabytes: most memory of the process above what it held ahead of the model, at these predictions.
        problem: why the model could not be measured; empty where it could.
    """

    model: str
    top_1: float | None = None
    top_1_of: str = ""
    input_shape: tuple[int, ...] | None = None
    parameters: int | None = None
    flops: int | None = None
    milliseconds: float | None = None
    milliseconds_64: float | None = None
    megabytes: float | None = None
    problem: str = ""

    @property
    def size(self) -> str:
        """The shape of one sample in words, such as `128x9`."""
        return "x".join(map(str, self.input_shape or ()))


def benchmark_model(name: str, input_shape: Sequence[int] | None = None, num_classes: int = 6) -> BenchmarkRow:
    """Measure a registered model, untrained, in a process of its own.

    Use it to compare models on the machine that is to run them; nothing else should run meanwhile.

    Args:
        name: a name from `list_models()`.
        input_shape: shape of one sample. Defaults to that of the model's card.
        num_classes: number of logits. Defaults to 6.

    Returns:
        The figures, or the problem of a model that fails or does not take the shape.

    Example:
        >>> from kerashar.profiling import benchmark_model
        >>> benchmark_model("tcn", (64, 3)).flops > 1e6  # doctest: +SKIP
        True
    """
    shape = None if input_shape is None else tuple(input_shape)
    figures = _measured({"name": name, "input_shape": shape, "num_classes": num_classes})
    return BenchmarkRow(name, **{"input_shape": shape, **figures})


def benchmark_run(folder: Path | str) -> BenchmarkRow:
    """Measure the trained model of a run folder, in a process of its own, with the accuracy on record there.

    That is the one on the test, or where nobody looked at it the validation's of the best epoch.

    Raises:
        FileNotFoundError: the folder holds no `model.keras`.
    """
    folder = Path(folder)
    file = folder / "model.keras"
    if not file.exists():
        raise FileNotFoundError(f"Expected a run folder with model.keras. Received: {folder}.")
    top_1, of = _accuracy(folder)
    return BenchmarkRow(folder.resolve().name, top_1, of, **_measured({"file": str(file)}))


def write_benchmark(rows: Sequence[BenchmarkRow], path: Path) -> None:
    """Write rows as CSV, atomically."""
    write_csv(path, [{**asdict(row), "input_shape": row.size} for row in rows])


def _accuracy(folder: Path) -> tuple[float | None, str]:
    test, history = folder / "test.json", folder / "history.csv"
    if test.exists():
        return json.loads(test.read_text(encoding="utf-8"))["test"].get("accuracy"), "test"
    if not history.exists():
        return None, ""
    with history.open(newline="", encoding="utf-8") as file:
        epochs = [epoch for epoch in csv.DictReader(file) if epoch.get("val_accuracy")]
    if not epochs:  # numbers were learnt, not classes
        return None, ""
    best = max(epochs, key=lambda epoch: (float(epoch["val_macro_f1"]), -float(epoch["val_loss"])))
    return float(best["val_accuracy"]), "validation"


def _measured(job: dict[str, Any]) -> dict[str, Any]:
    """What a fresh process measures; models would share what each other's left in memory and in caches."""
    try:
        answer = answer_apart("kerashar.profiling.worker", job, KERAS_BACKEND=keras.backend.backend())
    except DiedError as error:
        return {"problem": f"Its process died: {error}."}
    if "input_shape" in answer:
        answer["input_shape"] = tuple(answer["input_shape"])
    return answer
