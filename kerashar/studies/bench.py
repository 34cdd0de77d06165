"""Runs of contenders, each once for all stages of a study."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from kerashar.files import write_json
from kerashar.search.domains import Choice
from kerashar.search.engine import Resources, run_trials
from kerashar.search.history import FAILED
from kerashar.search.run import read_settings
from kerashar.search.settings import SearchSettings
from kerashar.studies.contender import Contender
from kerashar.studies.head_run import HeadRun
from kerashar.studies.objective import FIGURES, run_folder

OBJECTIVE = "kerashar.studies.objective"


@dataclass(frozen=True)
class Bench:
    """Measures contenders with seeds, on Ray; what was measured for another stage is not measured again.

    Args:
        runs: folder of all runs of the study.
        backend: that trains.
        archive: of the data, as for `recipe_split`.
        cache: as for `recipe_split`.
        resources: as for `run_search`.
        console: as for `run_search`.
    """

    runs: Path
    backend: str
    archive: str | None
    cache: str | None
    resources: Resources | None
    console: Console | None

    def measure(
        self, folder: Path, contenders: Mapping[str, Contender | HeadRun], seeds: Iterable[int], *, test: bool = False
    ) -> dict[str, str]:
        """Train what is not trained yet.

        Args:
            folder: of this search; the same after a resume.
            contenders: by name.
            seeds: each contender is trained with each.
            test: whether the test side is looked at, too.

        Returns:
            By the name of each contender that failed with any seed, the last line of its error.
        """
        asked = {
            f"{name}, seed {seed}": {"name": name, "contender": contender, "seed": seed}
            for name, contender in contenders.items()
            for seed in seeds
        }
        settings = self._settings(folder, asked, test)
        if settings is None:
            return {}
        runs = {name: {"contender": each["contender"].to_json(), "seed": each["seed"]} for name, each in asked.items()}
        told = {"runs": runs, "folder": str(self.runs), "archive": self.archive, "cache": self.cache, "test": test}
        history = run_trials(settings, folder, OBJECTIVE, None, self.resources, self.console, told)
        failed = [trial for trial in history.trials.values() if trial.status == FAILED]
        return {
            asked[trial.settings["study.run"]]["name"]: (trial.error or "no reason known").strip().splitlines()[-1]
            for trial in failed
        }

    def figures(self, contender: Contender | HeadRun, seed: int) -> dict[str, Any] | None:
        """What is known of a contender's run; None where it isn't finished."""
        path = run_folder(self.runs, contender, seed) / FIGURES
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def _settings(self, folder: Path, asked: dict[str, Any], test: bool) -> SearchSettings | None:
        """The search of what isn't finished yet, as it began; None where there is nothing to do."""
        path = folder / "search.json"
        if path.exists():
            return read_settings(folder)
        open_runs = [
            name for name, each in asked.items() if test or self.figures(each["contender"], each["seed"]) is None
        ]
        if not open_runs:
            return None
        epochs = max(asked[name]["contender"].seeded(0).epochs for name in open_runs)
        settings = SearchSettings(
            model=next(iter(asked.values()))["contender"].seeded(0).model,
            space={"study": {"run": Choice(tuple(open_runs))}, "training": {"epochs": epochs}},
            trials=len(open_runs),
            backends=(self.backend,),
            seed=0,
            grace_period=1,
            reduction_factor=2,
            data=None,
            fingerprint="",
            scheduler="none",
            searcher="grid",
            out_of_memory="record",
        )
        write_json(path, settings.to_json())
        return settings
