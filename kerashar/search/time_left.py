"""How long a search still takes."""

from collections import Counter
from collections.abc import Mapping

from kerashar.search.history import RUNNING, TrialRecord

LEAST_EPOCHS = 5  # of this session, before its pace is one
LEAST_ENDED = 3  # trials, before they say how many end early


class TimeLeft:
    """Estimates the time left from the pace of this session and from where trials have ended so far.

    The pace is the epochs trained in a second by all trials together; epochs of earlier sessions don't count for it.
    A trial is expected to end at an epoch as often as those before it did. The search lasts at least as long as its
    longest trial.

    Args:
        trials: those of the search so far; what they have trained already was not in this session.
        total: trials of the whole search.
        epochs: of a trial that doesn't end early.
        may_stop: whether a rule ends trials early.
        began: the clock's reading, in seconds, at the beginning of the session.
    """

    def __init__(
        self, trials: Mapping[str, TrialRecord], total: int, epochs: int, may_stop: bool, began: float
    ) -> None:
        self.trials = trials
        self.total = total
        self.epochs = epochs
        self.least_ended = min(LEAST_ENDED, total - 1) if may_stop else 0
        self.began = self.read = began
        self.busy = 0.0  # seconds of all trials together
        self.trained = 0  # epochs
        self._known = {name: (trial.generation, trial.reached) for name, trial in trials.items()}

    def wait(self, now: float, running: int) -> None:
        """Count the time since the last call for so many trials."""
        self.busy += (now - self.read) * running
        self.read = now

    def note(self, name: str) -> None:
        """Count what a trial has trained since the last call."""
        trial = self.trials[name]
        generation, reached = self._known.get(name, (0, 0))
        # A trial that has just taken over another's weights stands elsewhere; one epoch of its own brought it there.
        self.trained += trial.reached - reached if trial.generation == generation else 1
        self._known[name] = (trial.generation, trial.reached)

    def seconds(self) -> float | None:
        """Seconds that are left; None before enough is known."""
        trials = self.trials.values()
        ended = sum(trial.status != RUNNING for trial in trials)
        elapsed = self.read - self.began
        if self.trained < LEAST_EPOCHS or ended < self.least_ended or elapsed <= 0:
            return None
        to_come, whole = self._epochs_to_come()
        running = [to_come[trial.reached] for trial in trials if trial.status == RUNNING]
        work = sum(running) + whole * max(0, self.total - len(trials))
        return max(work * elapsed, max(running, default=0.0) * self.busy) / self.trained

    def _epochs_to_come(self) -> tuple[list[float], float]:
        """The epochs that are expected of a trial that goes on after so many, and of one that has not begun."""
        reached = Counter(trial.reached for trial in self.trials.values())
        ends = Counter(trial.reached for trial in self.trials.values() if trial.status != RUNNING)
        there = sum(count for epoch, count in reached.items() if epoch >= self.epochs)
        to_come, further = [0.0], 0.0
        for epoch in range(self.epochs - 1, -1, -1):
            to_come.append(1 + further)
            there += reached[epoch]
            further = to_come[-1] * (1 - ends[epoch] / there if there else 1)
        return to_come[::-1], further


def say_time(seconds: float) -> str:
    """The time left in words.

    Example:
        >>> say_time(40), say_time(700), say_time(9000), say_time(300_000)
        ('less than a minute left', 'about 12 min left', 'about 2.5 h left', 'about 3.5 days left')
    """
    if seconds < 60:
        return "less than a minute left"
    if seconds < 100 * 60:
        return f"about {seconds / 60:.0f} min left"
    if seconds < 48 * 3600:
        return f"about {seconds / 3600:.1f} h left"
    return f"about {seconds / 86400:.1f} days left"
