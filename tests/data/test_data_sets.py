import io
import sys
import time

import numpy as np
import pytest

from kerashar.cli.data import print_list
from kerashar.cli.data_show import show
from kerashar.data import cache_folder, data_set, list_data_sets, load_split, load_windows
from kerashar.data.progress import show_progress, show_waiting

pytestmark = pytest.mark.once


def test_registry(monkeypatch, tmp_path):
    monkeypatch.setenv("KERASHAR_CACHE", str(tmp_path))  # the user's own imports are listed too
    assert list_data_sets() == [
        "hapt",
        "motion_sense",
        "pamap2",
        "spsw_har",
        "spsw_har_phone",
        "spsw_har_watch",
        "uci_har",
        "watch",
        "wisdm_phone",
        "wisdm_watch",
    ]
    for name in list_data_sets():
        known = data_set(name)
        assert known.name == name
        assert known.title
        assert known.citation
        assert known.licence
        assert known.url.startswith("https://")
        assert set(known.test_subjects) < set(known.subjects)
        assert not set(known.class_names) & set(known.dropped_labels)
        assert all(label == label.lower() for label in known.class_names)


@pytest.mark.parametrize("load", [data_set, load_windows, load_split, show])
def test_unknown_names_give_the_nearest(load):
    with pytest.raises(ValueError, match=r"Received: 'wacth'. Did you mean 'watch'"):
        load("wacth")


@pytest.mark.parametrize("name", ["hapt", "spsw_har", "spsw_har_phone", "spsw_har_watch", "watch"])
def test_registry_tells_the_truth(name, hapt_archive, spsw_har_archive, hapt_cache):
    known = data_set(name)
    archive = hapt_archive if name == "hapt" else spsw_har_archive if name.startswith("spsw_har") else None
    recordings = list(known.recordings(archive=archive, cache=hapt_cache))
    assert {recording.subject for recording in recordings} == set(known.subjects)
    assert {recording.rate for recording in recordings} == {known.rate}
    labels = {segment.label for recording in recordings for segment in recording.segments}
    assert labels == {*known.class_names, *known.dropped_labels}


def test_transitions_are_dropped_kept_or_a_class(hapt_archive, hapt_cache, hapt_windows):
    postures = data_set("hapt").dropped_labels
    options = {"archive": hapt_archive, "cache": hapt_cache}
    kept = load_windows("hapt", **options, transitions="keep")
    assert kept.class_names == (*hapt_windows.class_names, *postures)
    assert kept.class_counts().items() > hapt_windows.class_counts().items()
    one = load_windows("hapt", **options, transitions="class")
    counts = one.class_counts()
    assert counts["transition"] == sum(kept.class_counts()[label] for label in postures) > 300
    through = load_windows("hapt", **options, transitions="class", purity=0.9, overlap=0.0)
    assert through.class_counts()["transition"] > counts["transition"] / 2  # also between walking and standing
    assert (through.starts % 128 == 0).all()
    with pytest.raises(ValueError, match="Received: 'ignore'"):
        load_windows("hapt", **options, transitions="ignore")


def test_same_seed_same_split():
    first, second, other = (
        load_split("watch", seed=3),
        load_split("watch", seed=3),
        load_split("watch", seed=4),
    )
    for side in ("train", "validation", "test"):
        np.testing.assert_array_equal(getattr(first, side).windows, getattr(second, side).windows)
    assert set(first.validation.subjects.tolist()) != set(other.validation.subjects.tolist())


def test_cache_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("KERASHAR_CACHE", raising=False)
    assert cache_folder().name == "kerashar"
    monkeypatch.setenv("KERASHAR_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    assert cache_folder(tmp_path / "other") == tmp_path / "other"


def test_command_lists_data_sets(capsys):
    print_list()
    out = capsys.readouterr().out
    assert "hapt" in out
    assert "watch" in out
    assert "50 Hz" in out


def test_command_summarises_hapt(capsys, monkeypatch, hapt_archive, hapt_cache):
    monkeypatch.setenv("KERASHAR_CACHE", str(hapt_cache))
    show("hapt", archive=hapt_archive)
    out = capsys.readouterr().out
    for text in (
        "10411",
        "2996",
        "61",
        "30",
        "128 samples = 2.56 s",
        "angular_rate_x (rad/s)",
        "no commercial use",
    ):
        assert text in out
    assert "Neurocomputing" in out
    assert out.endswith("\n")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_shows_on_a_terminal_after_two_seconds(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    from kerashar.data import progress

    for patience, shown in ((0.0, True), (60.0, False)):
        monkeypatch.setattr(progress, "_PATIENCE", patience)
        terminal = Terminal()
        assert list(show_progress("abc", "Reading things", 3, terminal)) == ["a", "b", "c"]
        assert ("Reading things" in terminal.getvalue()) is shown


def test_waiting_shows_by_itself_and_one_bar_at_a_time(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    from kerashar.data import progress

    monkeypatch.setattr(progress, "_PATIENCE", 0.01)
    terminal, inner = Terminal(), Terminal()
    with show_waiting("Listing things", terminal):
        assert list(show_progress("abc", "Reading things", 3, inner)) == ["a", "b", "c"]
        ended = time.monotonic() + 30
        while "Listing things" not in terminal.getvalue() and time.monotonic() < ended:
            time.sleep(0.05)
    assert "Listing things" in terminal.getvalue()
    assert inner.getvalue() == ""


def test_progress_is_silent_elsewhere(capfd):
    assert list(show_progress("abc", "Reading things", 3, sys.stderr)) == ["a", "b", "c"]
    assert list(show_progress("abc", "Reading things", 3, None)) == ["a", "b", "c"]
    assert capfd.readouterr() == ("", "")
