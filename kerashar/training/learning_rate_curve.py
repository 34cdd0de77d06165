"""What a learning-rate range test saw."""

from dataclasses import dataclass
from pathlib import Path

from kerashar.files import write_atomically


@dataclass(frozen=True)
class LearningRateCurve:
    """Losses of a training whose learning rate rises.

    Args:
        rates: learning rate of each step.
        losses: loss of each step's batch, from before the step.
        smoothed: the same as a running mean.
        diverged: whether the test ended because the loss ran away.
        suggestion: a highest learning rate to train with, or None where the loss never fell.

    Example:
        >>> LearningRateCurve([0.1, 1.0], [2.0, 1.0], [2.0, 1.5], False, 0.1).turning_point
        1.0
    """

    rates: list[float]
    losses: list[float]
    smoothed: list[float]
    diverged: bool
    suggestion: float | None

    @property
    def turning_point(self) -> float:
        """The rate with the lowest smoothed loss: above it training gets worse."""
        return self.rates[self.smoothed.index(min(self.smoothed))]

    def draw(self, path: Path | str) -> None:
        """Write the curve as a picture; the suffix, such as `.svg`, chooses the format."""
        from matplotlib.figure import Figure  # slow to import, needed only here

        figure = Figure((6.4, 3.6), layout="constrained")
        axes = figure.add_subplot(xlabel="learning rate", ylabel="loss", xscale="log")
        axes.plot(self.rates, self.losses, ".", color="tab:blue", alpha=0.3, label="each step")
        axes.plot(self.rates, self.smoothed, color="tab:blue", label="running mean")
        if self.suggestion is not None:
            axes.axvline(self.suggestion, color="tab:green", linestyle="--", label=f"suggestion {self.suggestion:.2g}")
        lowest, highest = min(self.smoothed), max(self.smoothed[0], min(self.smoothed) + 1e-12)
        axes.set_ylim(lowest - 0.2 * (highest - lowest), highest + 0.5 * (highest - lowest))
        axes.set_title(f"Range test: the loss turns at {self.turning_point:.2g}")
        axes.legend()
        write_atomically(path, figure.savefig)
