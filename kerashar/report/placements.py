"""What the sensors of each placement are worth."""

from collections.abc import Sequence
from typing import Any

from kerashar.data.window_set import WindowSet
from kerashar.explanations import channel_importance
from kerashar.models import load_model
from kerashar.report.finished_run import FinishedRun

# They say of what an acceleration is, not where it is measured.
_KINDS = {"body", "total", "linear", "gravity"}


def placements(channels: Sequence[str]) -> dict[str, list[int]]:
    """Numbers of the channels of each placement, where names such as watch_acceleration_x begin with one.

    They do where at least two first words come with the same sensors; else the result is empty.

    Example:
        >>> placements(["phone_acceleration_x", "watch_acceleration_x"])
        {'phone': [0], 'watch': [1]}
        >>> placements(["body_acceleration_x", "angular_rate_x"])
        {}
    """
    found: dict[str, list[int]] = {}
    for number, channel in enumerate(channels):
        found.setdefault(channel.split("_")[0], []).append(number)
    sensors = {tuple(channels[number].partition("_")[2] for number in numbers) for numbers in found.values()}
    together = len(found) > 1 and len(sensors) == 1 and sensors != {("",)}
    return found if together and not _KINDS & set(found) else {}


def without_each_placement(run: FinishedRun) -> list[dict[str, Any]]:
    """By how much worse a training's model gets where the channels of one placement say nothing.

    Empty for data of one placement, and for several models, as those of a cross-validation.
    """
    samples = run.samples
    if not isinstance(samples, WindowSet) or len(run.models) > 1:
        return []
    groups = placements(samples.channels)
    if not groups:
        return []
    model = load_model(run.models[0][0])
    rows = channel_importance(model, samples.windows, samples.labels, groups).rows()
    return [{**row, "channels": len(groups[str(row["group"])])} for row in rows]
