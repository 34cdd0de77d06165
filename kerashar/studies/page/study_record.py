"""What a run folder tells of a study."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

from kerashar.search.history import FAILED, Trials
from kerashar.search.journal import Journal
from kerashar.studies.contender import Contender
from kerashar.studies.decision import MACRO_F1, Decision
from kerashar.studies.head_run import HEAD_FIGURE, HeadRun
from kerashar.studies.objective import FIGURES, run_folder
from kerashar.studies.results import RESULTS
from kerashar.studies.standing import read_decisions, read_plan, stage_folder

_TEXTS = ("stage", "contender", "model", "kept", "input", "run")  # columns of the table that are no numbers


@dataclass(frozen=True)
class Part:
    """Runs that a stage asks for together.

    Args:
        name: `"search"`, `"screening"`, `"deciding"` or `"test"`.
        done: how many have ended.
        failed: how many of those failed.
        total: of all.
    """

    name: str
    done: int
    failed: int
    total: int

    def __str__(self) -> str:
        failed = f", {self.failed} of them failed" if self.failed else ""
        return f"{self.name}: {self.done} of {self.total} runs done{failed}"


@dataclass(frozen=True)
class Run:
    """A finished run.

    Args:
        folder: its own.
        figures: on the validation side, with seconds and epochs.
        test: what is on record of the test side; None where nobody looked.
        versions: what its files say of who trained it; nothing of an ensemble, whose members were.
    """

    folder: Path
    figures: dict[str, Any]
    test: dict[str, Any] | None
    versions: dict[str, Any]

    @property
    def is_training(self) -> bool:
        """Whether its seconds are its own: an ensemble counts those of its members once more."""
        return (self.folder / "history.csv").exists() or HEAD_FIGURE in self.figures


@dataclass(frozen=True)
class StudyRecord:
    """A study as its run folder has it; use `read`.

    Args:
        folder: the run folder.
        plan: what `study.json` says.
        decisions: of the stages so far.
        rows: of the table; none until the study is finished.
        runs: by the name of their folders.
        search_seconds: what the trials of small searches took.
    """

    folder: Path
    plan: dict[str, Any]
    decisions: list[Decision]
    rows: list[dict[str, Any]] = field(default_factory=list)
    runs: dict[str, Run] = field(default_factory=dict)
    search_seconds: float = 0.0

    @classmethod
    def read(cls, folder: Path | str) -> "StudyRecord":
        """Read a run folder; ValueError where there is no study in it."""
        folder = Path(folder)
        plan, decisions = read_plan(folder), read_decisions(folder)
        runs = {path.parent.name: _run(path.parent) for path in sorted((folder / "runs").glob(f"*/{FIGURES}"))}
        searches = [Trials.of(Journal(path).read()) for path in sorted(folder.glob("*/search/journal.jsonl"))]
        seconds = sum(
            report.get("seconds", 0.0) for each in searches for trial in each.values() for report in trial.reports
        )
        return cls(folder, plan, decisions, _rows(folder / RESULTS), runs, seconds)

    @property
    def study(self) -> dict[str, Any]:
        """The plan's own part, as `Study.to_json` gives it."""
        return self.plan["study"]

    @property
    def stages(self) -> list[dict[str, Any]]:
        return self.study["stages"]

    @property
    def seeds(self) -> list[int]:
        """Those that decide."""
        return self.study["seeds"]

    @property
    def least_gain(self) -> float:
        return self.study["least_gain"]

    @property
    def is_finished(self) -> bool:
        return bool(self.rows)

    @property
    def first(self) -> Contender:
        """What the study starts with."""
        return Contender.from_json(self.plan["start"])

    @property
    def last(self) -> Contender:
        """What it has come to."""
        return self.decisions[-1].contender if self.decisions else self.first

    @property
    def data(self) -> str:
        """Name of the data set, or of the file that holds it."""
        return Path(str(self.first.recipe.get("data", "data"))).name

    @property
    def scores(self) -> list[tuple[float, float] | None]:
        """Macro F1 of the start, and of what the study had come to after each stage so far: mean and deviation.

        A stage that compares by another figure leaves it to the next to measure what it kept.
        """
        decisions = self.decisions
        known = [each.evidence[0].of(MACRO_F1) for each in decisions[:1]]
        for decision, following in zip_longest(decisions, decisions[1:]):
            kept = next(each for each in decision.evidence if each.name == decision.kept)
            known.append(kept.of(MACRO_F1) or (following.evidence[0].of(MACRO_F1) if following else None) or known[-1])
        first = next(filter(None, known), None)  # a first stage of the other kind leaves the recipe as it is
        return [each or first for each in known]

    @property
    def seconds(self) -> float:
        """Of all training, whether it ran at the same time or not."""
        return self.search_seconds + sum(run.figures["seconds"] for run in self.runs.values() if run.is_training)

    def stage_folder(self, number: int) -> Path:
        return stage_folder(self.folder, number, self.stages[number - 1]["name"])

    def parts(self, number: int) -> list[Part]:
        """How far a stage is that has not decided; of the number after the last, the look at the test side."""
        if number > len(self.stages):
            return list(_parts(self.folder, ("test",)))
        return list(_parts(self.stage_folder(number), ("search", "screening", "deciding")))

    def runs_of(self, contender: Contender | HeadRun) -> dict[int, Run]:
        """The finished runs of a contender, by seed."""
        seeds = [self.study["screening_seed"], *self.seeds]
        names = {seed: run_folder(Path(), contender, seed).name for seed in seeds}
        return {seed: self.runs[name] for seed, name in names.items() if name in self.runs}

    def test_figures(self, contender: Contender, figure: str) -> list[float]:
        """A figure on the test side of each deciding seed; none where not all looked."""
        runs = self.runs_of(contender)
        found = [runs[seed].test for seed in self.seeds if seed in runs]
        return [each["test"][figure] for each in found if each] if len(found) == len(self.seeds) and all(found) else []


def _run(folder: Path) -> Run:
    figures, test, recipe, facts = (
        json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
        for path in (folder / name for name in (FIGURES, "test.json", "recipe.json", "run.json"))
    )
    versions = {name: value for name, value in (facts or {}).items() if name in ("backend", "keras", "devices")}
    return Run(folder, figures or {}, test, ({"kerashar": recipe["kerashar"]} if recipe else {}) | versions)


def _rows(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [{name: _value(name, text) for name, text in row.items()} for row in csv.DictReader(file)]


def _value(name: str, text: str) -> Any:
    if name in _TEXTS:
        return text
    return float(text) if text else None


def _parts(folder: Path, names: tuple[str, ...]) -> Iterator[Part]:
    for name in names:
        path = folder / name / "search.json"
        if path.exists():
            total = json.loads(path.read_text(encoding="utf-8"))["trials"]
            ended = Trials.of(Journal(folder / name / "journal.jsonl").read()).ended
            yield Part(name, len(ended), sum(trial.status == FAILED for trial in ended), total)
