"""What `benchmarks/search.py` lets a trial do: sleep, after the imports of a real trial, or none."""

import os
import time
from typing import Any

from kerashar.search.worker import Reports

IMPORTS = "KERASHAR_BENCHMARK_IMPORTS"


def warm(backend: str) -> None:
    """Import what a real trial imports, or, for simulated trials, nothing."""
    if os.environ.get(IMPORTS) == "1":
        from kerashar.search import training_objective

        training_objective.warm(backend)


def run(job: dict[str, Any], reports: Reports) -> None:
    """One epoch that is a sleep."""
    time.sleep(job["arguments"]["seconds"])
    reports.epoch(1, {"val_macro_f1": job["settings"]["model.x"], "val_loss": 0.0, "seconds": 0.0})
