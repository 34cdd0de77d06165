"""What a terminal and a plain stream show of a search, with a clock of the test's own."""

import io
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from kerashar.search.engine import make_scheduler
from kerashar.search.history import RUNNING, History, Trials
from kerashar.search.journal import Journal
from kerashar.search.progress import Progress
from kerashar.search.rules import HyperBand
from kerashar.search.time_left import TimeLeft, say_time
from tests.search.stand_in import EPOCHS, settings

pytestmark = pytest.mark.once

EPOCH = 30.0  # seconds, as the clock of these tests has it


class _Search:
    """Puts trials to a search's progress, epoch by epoch, as Ray does."""

    def __init__(self, journal: Journal, console: Console, trials: int, slots: int, **changes: Any) -> None:
        self.now = 1000.0
        self.history = History(journal)
        chosen = settings(trials, **changes)
        self.scheduler = make_scheduler(self.history, chosen)
        self.scheduler.replay()
        self.trials: list[Any] = []  # as Ray has them
        self.progress = Progress(
            self.history, chosen, self.scheduler.rule, lambda: slots, console, clock=lambda: self.now
        )

    def begin(self, name: str) -> None:
        drawn = {"model.peak": 0.5, "training.learning_rate": 0.012345, "training.epochs": EPOCHS, "backend": "torch"}
        if name not in self.history.trials:
            self.history.note("suggested", name, settings=drawn)
        self.trials.append(SimpleNamespace(trial_id=name, status="RUNNING"))

    def report(self, name: str, score: float) -> None:
        epoch = self.history.trials[name].reached + 1
        figures = {"val_macro_f1": score, "val_loss": 1 - score, "val_accuracy": score}
        self.scheduler._decide({"trial": name, "generation": 0, "epoch": epoch, **figures})
        self.progress.on_trial_result(0, self.trials, SimpleNamespace(trial_id=name), {})
        if epoch == EPOCHS:
            self.scheduler.end(name, None)
        if self.history.trials[name].status != RUNNING:
            self._leave(name)
            self.progress.on_trial_complete(0, self.trials, SimpleNamespace(trial_id=name))

    def fail(self, name: str) -> None:
        self.scheduler.end(name, "Traceback\nValueError: [bad] luck")
        self._leave(name)
        self.progress.on_trial_error(0, self.trials, SimpleNamespace(trial_id=name))

    def wait(self, seconds: float = EPOCH) -> None:
        self.now += seconds
        self.progress.on_step_end(0, self.trials)

    def _leave(self, name: str) -> None:
        self.trials = [trial for trial in self.trials if trial.trial_id != name]


def _terminal(width: int, height: int) -> Console:
    return Console(
        file=io.StringIO(), force_terminal=True, color_system=None, width=width, height=height, legacy_windows=False
    )


def _picture(search: _Search) -> list[str]:
    """The last picture, line by line."""
    assert search.progress.live is not None
    console = search.progress.console
    lines = console.render_lines(search.progress.live.renderable, pad=False)
    return ["".join(segment.text for segment in line).rstrip() for line in lines]


def _asha(journal: Journal, console: Console) -> _Search:
    """Two slots: the first trial ends well, two others at their first rung, one fails, one runs."""
    search = _Search(journal, console, trials=8, slots=2)
    for name in ("0001", "0002"):
        search.begin(name)
    for epoch in range(1, EPOCHS + 1):
        search.wait()
        search.report("0001", 0.5 + epoch / 100)
        if epoch == 1:
            search.report("0002", 0.3)
            search.begin("0003")
        if epoch == 2:
            search.fail("0003")
            search.begin("0004")
        if epoch == 3:
            search.report("0004", 0.2)
            search.begin("0005")
    search.wait(1.0)
    return search


@pytest.mark.parametrize("width", [80, 200])
def test_a_terminal_shows_the_search(journal: Journal, width: int):
    search = _asha(journal, _terminal(width, 24))
    lines = _picture(search)
    text = " ".join(" ".join(lines).split())
    assert "search 4 of 8 trials ended, 1 failed, 1 of 2 slots in use" in text
    assert "time 0:04:31, about" in text
    assert "best trial 0001, macro F1 0.5900, torch: peak=0.5, learning_rate=0.0123" in text
    assert "rungs epoch 1: 3 reached, 1 passed · epoch 3: 1 reached, 1 passed · epoch 9: 1 reached, 1 passed" in text
    assert [line.split() for line in lines[-2:]] == [
        ["trial", "backend", "epochs", "macro", "F1", "settings"],
        ["0005", "torch", f"0/{EPOCHS}", "peak=0.5,", "learning_rate=0.0123"],
    ]
    assert max(map(len, lines)) <= width


def test_a_bar_grows_with_the_epochs(journal: Journal):
    console = Console(file=io.StringIO(), force_terminal=True, color_system="standard", width=80, height=24)
    search = _Search(journal, console, trials=1, slots=1, scheduler="none")
    search.begin("0001")
    grown = []
    for _ in range(3):
        search.report("0001", 0.4)
        search.wait()
        assert search.progress.live is not None
        line = console.render_lines(search.progress.live.renderable)[-1]
        grown.append(next(segment.text for segment in line if "━" in segment.text).count("━"))
        assert f"{len(grown)}/{EPOCHS}" in "".join(segment.text for segment in line)
    assert grown[0] < grown[1] < grown[2] < 10


@pytest.mark.parametrize(("height", "running"), [(24, 60), (24, 18), (10, 40), (5, 40)])
def test_many_running_trials_fit_the_height(journal: Journal, height: int, running: int):
    search = _Search(journal, _terminal(80, height), trials=100, slots=64)
    for number in range(1, running + 1):
        search.begin(f"{number:04}")
    search.wait()
    lines = _picture(search)
    shown = sum(line.startswith("0") for line in lines)
    assert shown >= 1
    assert len(lines) <= max(height - 1, 5)
    if shown < running:
        assert lines[-1] == f"and {running - shown} more"
        assert len(lines) == max(height - 1, 5)
    else:
        assert not lines[-1].startswith("and")


def test_a_population_shows_its_generation(journal: Journal):
    search = _Search(journal, _terminal(80, 24), trials=2, slots=1, scheduler="pbt", grace_period=3)
    for name in ("0001", "0002"):
        search.begin(name)
    search.history.note(
        "cloned", "0002", donor="0001", generation=2, file="clone-2.npz", reached=0, settings={"backend": "torch"}
    )
    search.wait()
    assert "generation  2, after 2 take-overs in all" in _picture(search)


def test_a_median_shows_no_rungs(journal: Journal):
    search = _Search(journal, _terminal(80, 24), trials=2, slots=1, scheduler="median_stopping")
    search.begin("0001")
    search.wait()
    assert [line.split()[0] for line in _picture(search)] == ["search", "time", "trial", "0001"]


def test_rungs_of_all_brackets_count_together():
    rule, trials = HyperBand(9, 1, 3), Trials()
    reached, stopped = Counter(), Counter()
    for number in range(1, 31):
        name = f"{number:04}"
        trials.take({"event": "suggested", "trial": name, "settings": {}})
        for epoch in range(1, 10):
            score = 0.1 * epoch + 0.01 * (7 * number % 10)
            trials.take({"event": "report", "trial": name, "epoch": epoch, "val_macro_f1": score, "val_loss": 1.0})
            stops = rule.stops(trials[name])
            reached[epoch] += epoch in rule.bracket(name).rungs
            stopped[epoch] += stops
            if stops:
                break
    rungs = rule.rungs_so_far()
    assert [(rung.epoch, rung.reached, rung.reached - rung.passed) for rung in rungs] == [
        (epoch, reached[epoch], stopped[epoch]) for epoch in (1, 3, 9)
    ]
    assert all(0 < rung.passed < rung.reached for rung in rungs)


def test_pictures_take_a_small_share_of_the_time(journal: Journal):
    search = _Search(journal, _terminal(80, 24), trials=2, slots=1)
    drawn = []

    def rungs() -> list[Any]:
        drawn.append(search.now)
        search.now += 1.0  # as if there were a hundred thousand trials
        return []

    search.scheduler.rule.rungs_so_far = rungs
    for _ in range(400):
        search.wait(0.25)
    assert len(drawn) * 1.0 < 0.06 * (search.now - 1000.0)
    assert len(drawn) > 2


def test_a_plain_stream_gets_a_line_for_each_end_and_one_a_minute_at_most(journal: Journal):
    output = io.StringIO()
    search = _asha(journal, Console(file=output, width=80))
    lines = output.getvalue().splitlines()
    ends = [line for line in lines if line.startswith("trial")]
    assert ends == [
        "trial 0002 stopped after 1 epochs, macro F1 0.3000",
        "trial 0003 failed: ValueError: [bad] luck",
        "trial 0004 stopped after 1 epochs, macro F1 0.2000",
        f"trial 0001 completed after {EPOCHS} epochs, macro F1 0.5900",
    ]
    whole = [line for line in lines if line not in ends]
    assert len(whole) == 4  # in four and a half minutes
    assert whole[0] == "1 of 8 trials ended, 0 failed; best so far trial 0001, macro F1 0.5100"
    assert whole[-1].startswith("3 of 8 trials ended, 1 failed; best so far trial 0001, macro F1 0.5700; about ")
    assert whole[-1].endswith(" min left")
    for _ in range(20):
        search.wait(60.0)  # nothing is trained
    assert len(output.getvalue().splitlines()) == len(lines) + 1


def _note(trials: Trials, event: str, name: str, **details: Any) -> None:
    trials.take({"event": event, "trial": name, **details})


def _records(lengths: dict[str, tuple[int, str]]) -> Trials:
    """Trials that have trained so many epochs and ended so, or not."""
    trials = Trials()
    for name, (epochs, status) in lengths.items():
        _note(trials, "suggested", name, settings={})
        for epoch in range(1, epochs + 1):
            _note(trials, "report", name, epoch=epoch)
        if status != RUNNING:
            _note(trials, status, name)
    return trials


def _train(trials: Trials, left: TimeLeft, name: str, epochs: int) -> None:
    """The trial reports so many epochs more."""
    for epoch in range(trials[name].reached + 1, trials[name].reached + 1 + epochs):
        _note(trials, "report", name, epoch=epoch)
        left.note(name)


def test_time_left_where_nothing_ends_early():
    trials = _records({"0001": (0, RUNNING), "0002": (0, RUNNING)})
    left = TimeLeft(trials, total=4, epochs=10, may_stop=False, began=0.0)
    assert left.seconds() is None
    for name in ("0001", "0002"):
        _train(trials, left, name, 5)
    left.wait(50.0, 2)
    # 30 of 40 epochs are to come, at one in five seconds.
    assert left.seconds() == pytest.approx(150.0)


def test_time_left_counts_on_as_many_early_ends_as_before():
    ends = {"0001": (1, "stopped"), "0002": (1, "stopped"), "0003": (9, "completed"), "0004": (0, RUNNING)}
    trials = _records(ends)
    left = TimeLeft(trials, total=10, epochs=9, may_stop=True, began=0.0)
    _train(trials, left, "0004", 5)
    left.wait(10.0, 1)
    # After its first epoch one in two goes on, and each of these to the end: 1 + 8 / 2 epochs for each of the six to
    # come, and four of the running one; two seconds an epoch.
    assert left.seconds() == pytest.approx((6 * 5 + 4) * 2.0)


def test_time_left_waits_until_enough_is_known():
    trials = _records({"0001": (1, "stopped"), "0002": (1, "stopped"), "0003": (0, RUNNING)})
    left = TimeLeft(trials, total=9, epochs=9, may_stop=True, began=0.0)
    _train(trials, left, "0003", 4)
    left.wait(8.0, 1)
    assert left.seconds() is None  # four epochs are no pace
    _train(trials, left, "0003", 1)
    assert left.seconds() is None  # and two ends no share
    _note(trials, "stopped", "0003")
    assert left.seconds() is not None


def test_time_left_is_that_of_the_longest_trial_at_the_end():
    trials = _records({f"000{number}": (0, RUNNING) for number in range(1, 5)})
    left = TimeLeft(trials, total=4, epochs=10, may_stop=False, began=0.0)
    for name in ("0001", "0002", "0003"):
        _train(trials, left, name, 10)
        _note(trials, "completed", name)
    _train(trials, left, "0004", 5)
    left.wait(100.0, 4)
    # All together took 100 / 35 s for an epoch, but a trial alone takes 400 / 35.
    assert left.seconds() == pytest.approx(5 * 400 / 35)


def test_time_left_of_a_resumed_search_counts_this_session_alone():
    trials = _records({"0001": (10, "completed"), "0002": (5, RUNNING)})
    left = TimeLeft(trials, total=3, epochs=10, may_stop=False, began=5000.0)
    left.wait(5004.0, 1)
    left.note("0002")  # tells again of what it had trained
    assert left.seconds() is None
    _train(trials, left, "0002", 5)
    left.wait(5020.0, 1)
    assert left.trained == 5
    assert left.seconds() == pytest.approx(10 * 20 / 5)


def test_time_left_follows_a_population():
    trials = _records({"0001": (0, RUNNING), "0002": (0, RUNNING)})
    left = TimeLeft(trials, total=2, epochs=10, may_stop=False, began=0.0)
    _train(trials, left, "0001", 3)
    _train(trials, left, "0002", 2)
    _note(trials, "report", "0002", epoch=3)
    _note(trials, "cloned", "0002", donor="0001", generation=1, file="clone-1.npz", reached=3, settings={})
    left.note("0002")
    left.wait(12.0, 2)
    assert left.trained == 6
    assert left.seconds() == pytest.approx(14 * 2.0)


@pytest.mark.parametrize("stops", [0.0, 0.3])
def test_the_estimate_comes_true(stops: float):
    """Of 60 trials on 3 slots that take a second for an epoch, some of which end after their second one."""
    trials, now = Trials(), 0
    left = TimeLeft(trials, total=60, epochs=9, may_stop=stops > 0, began=0.0)
    said: dict[int, float | None] = {}
    while any(trial.status == RUNNING for trial in trials.values()) or len(trials) < 60:
        running = [name for name, trial in trials.items() if trial.status == RUNNING]
        while len(running) < 3 and len(trials) < 60:
            running.append(f"{len(trials) + 1:04}")
            _note(trials, "suggested", running[-1], settings={})
        now += 1
        for name in running:
            _train(trials, left, name, 1)
            reached = trials[name].reached
            if reached == 9 or (reached == 2 and int(name) % 10 < 10 * stops):
                _note(trials, "stopped", name)
        left.wait(now, len(running))
        said[now] = left.seconds()
    for moment in (now // 4, now // 2, 3 * now // 4):
        assert said[moment] == pytest.approx(now - moment, rel=0.2)
    assert said[now] == 0


def test_the_time_in_words():
    assert say_time(59) == "less than a minute left"
    assert say_time(720) == "about 12 min left"
    assert say_time(3 * 3600) == "about 3.0 h left"
    assert say_time(3 * 86400) == "about 3.0 days left"
