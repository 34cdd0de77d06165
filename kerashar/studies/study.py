"""What a study is."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from kerashar.studies.comparison import Comparison
from kerashar.studies.distilling import Distilling
from kerashar.studies.head_comparison import HeadComparison
from kerashar.studies.joining import Joining
from kerashar.studies.small_search import SmallSearch

Stage = Comparison | SmallSearch | HeadComparison | Joining | Distilling


@dataclass(frozen=True)
class Study:
    """A plan: where it starts, and the stages that change it.

    Args:
        name: of the study, as on the command line.
        start: settings of the `Recipe` that it starts with.
        stages: in order. A stage changes the recipe for those after it only where the difference holds.
        data: the data set that it takes where nobody names one.
        seeds: of the runs that decide; each has validation subjects of its own. Defaults to 1, 2, 3.
        screening_seed: of the runs that choose what is worth deciding; it decides nothing. Defaults to 0.
        least_gain: in macro F1, what a change must bring to be worth it. Defaults to 0.001.

    Raises:
        ValueError: less than two seeds, a screening seed among them, no stages, or two of one name.
    """

    name: str
    start: dict[str, Any]
    stages: tuple[Stage, ...]
    data: str
    seeds: tuple[int, ...] = (1, 2, 3)
    screening_seed: int = 0
    least_gain: float = 0.001

    def __post_init__(self) -> None:
        if len(set(self.seeds)) < 2 or self.screening_seed in self.seeds:
            raise ValueError(
                "Expected at least two seeds, since their spread is the measure, and another one to screen. "
                f"Received: seeds={self.seeds}, screening_seed={self.screening_seed}."
            )
        names = [stage.name for stage in self.stages]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"Expected stages of different names. Received: {', '.join(names) or 'none'}.")

    def to_json(self) -> dict[str, Any]:
        """The plan as plain data, by which a resumed study sees that it is the same."""
        from kerashar.search.settings import plain_space

        stages = []
        for stage in self.stages:
            plain = {"kind": type(stage).__name__, **asdict(stage)}
            if isinstance(stage, SmallSearch):
                plain["space"] = plain_space(stage.space)
            stages.append(plain)
        return json.loads(json.dumps({**asdict(self), "stages": stages}))
