"""The page of a search, of made-up journals: what it says, and how a browser shows it."""

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock

from kerashar.search import write_search_page
from kerashar.search.history import FAILED, TrialRecord
from kerashar.search.objectives import pareto_front
from kerashar.search.page.importance import LEAST_TRIALS, setting_importance
from kerashar.search.page.live_page import LivePage
from kerashar.search.page.pictures import duration
from kerashar.search.page.search_record import SearchRecord
from kerashar.search.page.stretches import find_stretches, place_stretches
from kerashar.search.page.varying_setting import VaryingSetting, round_numbers, varying_settings
from kerashar.search.settings import flat_values
from tests.cli.support import expect_one_line_error, kerashar
from tests.pages import Page, expect_readable
from tests.search.made_up_search import TWO_MODELS, make_search

pytestmark = pytest.mark.once

SEARCHES: dict[str, dict[str, Any]] = {
    "asha": {"trials": 40, "failing": 0.1, "broken_off": 600.0},
    "front": {
        "trials": 22,
        "objectives": ("score", "parameters", "latency_ms"),
        "scheduler": "none",
        "searcher": "nsga2",
        "test": False,
    },
    "models": {"trials": 24, "space": TWO_MODELS, "scheduler": "hyperband"},
    "begun": {"trials": 10, "until": 15.0},
    "empty": {"trials": 10, "until": -1.0},
    "old": {"trials": 12, "is_noted": False},
    "many": {"trials": 1000, "space": TWO_MODELS, "nodes": {"a": 8, "b": 8}, "failing": 0.08},
}


@pytest.fixture(scope="module")
def searches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder of each search, with its page."""
    folder = tmp_path_factory.mktemp("searches")
    for name, of in SEARCHES.items():
        make_search(folder / name, **of)
        write_search_page(folder / name)
    return folder


def read(folder: Path) -> Page:
    return Page((folder / "search.html").read_text(encoding="utf-8"))


# === What it says ===


def test_the_head_and_the_leaderboard(searches: Path):
    page, record = read(searches / "asha"), SearchRecord.read(searches / "asha")
    best = record.ranked[0]
    text = page.said
    for part in (
        "modern_tcn on walks",
        "Finished.",
        f"{100 * (best.score or 0):.2f} %",
        "40 of 40",
        "1 pause left out",
        "92.87 %",
        "rungs at epochs 3, 9, 27",
    ):
        assert part in text
    rows = page.table("rank", "trial")
    assert [row[1] for row in rows] == [trial.trial for trial in record.ranked[:20]]
    assert rows[0][3] == f"{100 * (best.score or 0):.1f} %"
    assert f"The best is trial {best.trial} " in " ".join(page.alts)


def test_rungs_say_how_many_reached_and_passed_them(searches: Path):
    record = SearchRecord.read(searches / "asha")
    rows = read(searches / "asha").table("after epoch")
    assert [row[0] for row in rows] == ["3", "9", "27"]
    trials = record.trials.values()
    for epoch, reached, passed, _ in rows[:2]:
        assert int(reached) == sum(trial.reached >= int(epoch) for trial in trials)
        assert int(passed) == sum(trial.reached > int(epoch) for trial in trials)
    assert rows[2][1:3] == [str(sum(trial.reached == 27 for trial in trials)), "the end"]
    assert f"{rows[0][2]} of {rows[0][1]} at epoch 3" in " ".join(read(searches / "asha").alts)


def test_failed_trials_with_the_last_line_of_their_error(searches: Path):
    record = SearchRecord.read(searches / "asha")
    failed = [trial for trial in record.trials.values() if trial.status == FAILED]
    assert failed
    expected = [[trial.trial, "1", "ValueError: Expected finite weights. Received: NaN."] for trial in failed]
    assert read(searches / "asha").table("trial", "after epoch") == expected
    page = read(searches / "many")
    assert len(page.table("trial", "after epoch")) == 50
    assert "The first 50 of " in page.said


def test_the_front(searches: Path):
    page, record = read(searches / "front"), SearchRecord.read(searches / "front")
    front = pareto_front(record.ranked, record.settings.objectives)
    assert len(front) > 1
    rows = page.table("trial", "status")
    assert [row[0] for row in rows] == [trial.trial for trial in front]
    assert [row[3] for row in rows] == [f"{trial.measures['parameters']:,.6g}" for trial in front]
    assert "Macro F1 against parameters of 22 trials" in " ".join(page.alts)
    assert "milliseconds for one window" in " ".join(page.alts)
    assert "on the test" not in page.said
    assert "after epoch" not in page.said


def test_settings_of_another_model_are_not_drawn(searches: Path):
    page, record = read(searches / "models"), SearchRecord.read(searches / "models")
    best = record.ranked[0]
    row = page.table("rank", "trial")[0]
    other = "tcn" if best.settings["model.name"] == "modern_tcn" else "modern_tcn"
    heads = next(rows[0] for rows in page.tables if rows[0][0] == "rank")
    cells = dict(zip(heads, row, strict=True))
    assert cells["model"] == best.settings["model.name"]
    assert cells[f"{other.replace('_', ' ')} hidden"] == "not drawn"
    assert "where their trial has no such setting" in page.said
    assert "not drawn" in re.findall(r"<text[^>]*>(.*?)</text>", (searches / "models" / "search.html").read_text())


def test_what_matters_is_what_the_scores_were_made_of(searches: Path):
    record = SearchRecord.read(searches / "many")
    settings = varying_settings(record.ranked, flat_values(record.settings))
    found = setting_importance(record.ranked, settings)
    assert found == setting_importance(record.ranked, settings)
    assert next(iter(found.points)) == "training.learning_rate"
    assert found.points["model.name"] > 0.3
    for nothing in ("tcn.levels", "tcn.activation", "modern_tcn.kernel_size"):
        assert abs(found.points[nothing]) < 0.1
    assert found.error < found.blind_error
    few = setting_importance(record.ranked[: LEAST_TRIALS - 1], settings)
    assert (few.points, few.reason) == ({}, "It takes 20 trials with a score to say; there are 19.")
    assert read(searches / "many").table("setting", "points")[0] == [
        "learning rate",
        f"{found.points['training.learning_rate']:.2f}",
    ]


def test_nothing_matters_where_scores_follow_from_nothing():
    random = np.random.default_rng(0)
    trials = [
        TrialRecord(f"{number:04}", {"model.dropout": float(random.uniform())}, {}, "completed", [_report(random)])
        for number in range(40)
    ]
    found = setting_importance(trials, varying_settings(trials, {}))
    assert found.reason == "The settings don't tell the scores of these trials apart."
    assert setting_importance(trials, []).reason == "No setting varies."


def _report(random: np.random.Generator) -> dict[str, Any]:
    return {"epoch": 1, "val_macro_f1": float(random.uniform()), "val_loss": 1.0, "val_accuracy": 0.5}


def test_axes():
    trials = [
        TrialRecord(
            f"{number}", {"a.rate": 10.0**-number, "a.widths": [8, number], "a.on": True, "b.rate": 1.0 + number}, {}
        )
        for number in range(1, 5)
    ]
    rate, widths, other = varying_settings(trials, {})
    assert (rate.label, rate.is_log, other.label, other.is_log) == ("a rate", True, "b rate", False)
    assert [rate.place(trial) for trial in trials] == pytest.approx([1, 2 / 3, 1 / 3, 0])
    assert widths.ticks() == [(0, "8, 1"), (1 / 3, "8, 2"), (2 / 3, "8, 3"), (1, "8, 4")]
    partial = VaryingSetting.of("b.rate", "rate", [*trials, replace(trials[0], settings={})])
    assert partial.is_partial
    assert partial.place(TrialRecord("9", {}, {})) is None
    assert round_numbers(0.0, 0.4, is_log=False) == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    assert round_numbers(2e-4, 0.05, is_log=True) == pytest.approx([1e-3, 1e-2])
    assert round_numbers(2.0, 9.0, is_log=True) == pytest.approx([2, 5])


def test_a_page_of_a_search_that_has_hardly_begun(searches: Path):
    text = read(searches / "begun").said
    assert "0 of 10" in text
    assert "No trial has ended yet." in text
    assert "Not finished: kerashar search --resume" in text
    text = read(searches / "empty").said
    assert "none yet" in text
    assert "No trial has a score yet." in text


# === Workers ===


def test_each_trial_stands_on_the_row_of_its_worker(searches: Path):
    record = SearchRecord.read(searches / "asha")
    stretches = find_stretches(record)
    rows = place_stretches(stretches)
    assert rows == ["gpu-a 1", "gpu-a 2", "gpu-b 1", "gpu-b 2"]  # also after the pause, when all workers are others
    assert {each.trial for each in stretches} == set(record.trials)
    for number, name in enumerate(rows):
        here = sorted((each for each in stretches if each.row == number), key=lambda each: each.begin)
        assert all(before.end <= after.begin for before, after in pairwise(here))
        assert {each.worker[0] for each in here if each.worker} == {name.split()[0]}
    (pause,) = record.pauses
    assert pause.seconds == pytest.approx(5400, abs=60)
    assert pause.at == pytest.approx(600, abs=60)
    broken = [each for each in stretches if each.end == pause.at]
    assert len(broken) == 4
    assert {each.trial for each in stretches if each.begin == pause.at} == {each.trial for each in broken}
    assert "pause of 1 h" in (searches / "asha" / "search.html").read_text()


def test_a_journal_that_names_no_worker_is_packed_into_few_rows(searches: Path):
    stretches = find_stretches(SearchRecord.read(searches / "old"))
    assert place_stretches(stretches) == [""] * 4
    assert len(stretches) == 12
    assert "an older version ran them" in read(searches / "old").said
    assert "an older version ran them" not in read(searches / "asha").said


def test_an_old_search_that_a_new_version_resumes(tmp_path: Path):
    make_search(tmp_path, 12, is_noted=False, until=100.0)
    old = (tmp_path / "journal.jsonl").read_text()
    make_search(tmp_path, 12, broken_off=100.0)
    new = (tmp_path / "journal.jsonl").read_text().splitlines(keepends=True)
    again = next(number for number, line in enumerate(new) if '"opened"' in line and number)
    (tmp_path / "journal.jsonl").write_text(old + "".join(new[again:]))
    stretches = find_stretches(SearchRecord.read(tmp_path))
    rows = place_stretches(stretches)
    assert rows == ["", "", "", "", "gpu-a 1", "gpu-a 2", "gpu-b 1", "gpu-b 2"]
    assert all((each.row < 4) == (each.worker is None) for each in stretches)


def test_a_worker_that_takes_up_another_trial_lets_go_of_the_last(tmp_path: Path):
    """As a population does, whose trials take turns."""
    record = SearchRecord(tmp_path, make_search(tmp_path, 2), False)
    began = [("0001", 0.0), ("0002", 4.0), ("0001", 9.0)]
    record.events = [(0.0, {"event": "opened"})]
    for trial, seconds in began:
        record.events.append((seconds, {"event": "began", "trial": trial, "node": "a", "worker": 1}))
        record.events.append((seconds + 3.0, {"event": "report", "trial": trial}))
    record.seconds = 12.0
    found = [(each.trial, each.begin, each.end) for each in find_stretches(record)]
    assert found == [("0001", 0.0, 3.0), ("0002", 4.0, 7.0), ("0001", 9.0, 12.0)]


# === While it runs ===


def test_a_page_reloads_itself_while_its_search_runs(tmp_path: Path):
    make_search(tmp_path, 10, until=15.0)
    with FileLock(tmp_path / "lock"):
        write_search_page(tmp_path)
        page = read(tmp_path)
        assert ("meta", {"http-equiv": "refresh", "content": "10"}) in page.tags
        assert "Running. This page reloads itself" in page.said
    write_search_page(tmp_path)
    assert "refresh" not in (tmp_path / "search.html").read_text()


def test_a_process_of_its_own_keeps_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Quicker than for people; and it says so when the search has died."""
    make_search(tmp_path, 10, until=15.0)
    code = "from kerashar.search.page import keep_page; keep_page.PAUSE = 0.05; keep_page.main()"
    start = subprocess.Popen
    monkeypatch.setattr(
        subprocess, "Popen", lambda command, **how: start([sys.executable, "-c", code, command[-1]], **how)
    )
    page = tmp_path / "search.html"
    with LivePage(tmp_path) as live:
        with FileLock(tmp_path / "lock"):
            live.begin()
            _wait_for(page, "Running")
        assert live.process is not None
        assert live.process.stdin is not None
        live.process.stdin.close()  # as when this process is killed
        assert live.process.wait(timeout=60) == 0
    assert "Not finished" in page.read_text()


def _wait_for(page: Path, text: str) -> None:
    deadline = time.monotonic() + 60
    while not page.exists() or text not in page.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_search_that_is_broken_off_says_so(tmp_path: Path):
    make_search(tmp_path, 10, until=15.0)

    def search() -> None:
        with LivePage(tmp_path) as live, FileLock(tmp_path / "lock"):
            live.begin()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search()
    assert "Not finished" in (tmp_path / "search.html").read_text()


def test_it_needs_neither_ray_nor_keras(searches: Path):
    code = (
        "import sys; from kerashar.search import write_search_page; "
        f"write_search_page({str(searches / 'old')!r}, {str(searches / 'apart.html')!r}); "
        "print(*({'keras', 'ray', 'torch', 'tensorflow', 'jax'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.strip() == ""
    assert (searches / "apart.html").read_text() == (searches / "old" / "search.html").read_text()


def test_the_command_line(searches: Path, tmp_path: Path):
    done = kerashar("search-page", searches / "old", "--out", "page.html", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "Written: page.html\n")
    assert (tmp_path / "page.html").read_text() == (searches / "old" / "search.html").read_text()
    expect_one_line_error(kerashar("search-page", tmp_path, cwd=tmp_path), "Expected the run folder of a search")


# === The page ===


@pytest.mark.parametrize("name", SEARCHES)
def test_what_is_read_aloud(searches: Path, name: str):
    page = read(searches / name)
    tags = [tag for tag, _ in page.tags]
    for landmark in ("header", "nav", "main", "footer", "h1"):
        assert tags.count(landmark) == 1
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    names = [of["id"] for _, of in page.tags if "id" in of]
    assert len(names) == len(set(names))
    assert {str(of["href"])[1:] for tag, of in page.tags if tag == "a"} <= set(names)
    assert tags.count("caption") == tags.count("table")
    for tag, of in page.tags:
        if tag == "svg":
            assert len(str(of["aria-label"])) > 40
    assert "script" not in tags


def test_the_text_of_users_is_never_markup(tmp_path: Path):
    hostile = "<script>alert(1)</script>"
    make_search(tmp_path, 4, until=15.0, data={"name": hostile})
    text = (tmp_path / "search.json").read_text()
    (tmp_path / "search.json").write_text(text.replace('"model": "modern_tcn"', f'"model": {json.dumps(hostile)}'))
    write_search_page(tmp_path)
    page = read(tmp_path)
    assert "script" not in [tag for tag, _ in page.tags]
    assert hostile in page.said


def test_in_a_browser(searches: Path):
    pictures = {"asha": 10, "front": 12, "models": 13, "begun": 2, "empty": 0, "old": 10, "many": 13}
    expect_readable({searches / name / "search.html": count for name, count in pictures.items()})


def test_a_page_of_a_thousand_trials_stays_small(searches: Path):
    assert (searches / "many" / "search.html").stat().st_size < 2e6


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(9.4, "9 s"), (75, "1 min 15 s"), (700, "11 min"), (7384, "2 h 03 min"), (200000, "2 days 7 h")],
)
def test_times(seconds: float, text: str):
    assert duration(seconds) == text
