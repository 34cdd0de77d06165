import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerashar.cli.data import print_list
from kerashar.cli.data_import import import_tables
from kerashar.cli.data_show import show
from kerashar.data import cut_windows, data_set, list_data_sets, load_split, load_windows
from kerashar.data.imported import load_imported
from kerashar.data.tables import guess_layout, import_recordings
from kerashar.training import Recipe, unlabelled_sides

pytestmark = pytest.mark.once
PEOPLE = ("ann", "ben", "cem", "dag", "eva", "fay")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("KERASHAR_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def write_table(path: Path, people: tuple[str, ...] = PEOPLE, count: int = 400, seed: int = 0, turn: int = 20) -> Path:
    """Each person walks, turns and rests; `turn` samples lie between the two."""
    random = np.random.default_rng(seed)
    rows = ["time,person,activity,ax,ay,az"]
    for person in people:
        for number in range(count):
            values = random.normal([0, 0, 1], 0.1).round(4).tolist()
            label = "walk" if number < count // 2 else ("turn" if number < count // 2 + turn else "rest")
            rows.append(",".join(map(str, (number / 50, person, label, *values))))
    path.write_text("\n".join(rows))
    return path


@pytest.fixture
def table(tmp_path) -> Path:
    return write_table(tmp_path / "study.csv")


@pytest.fixture
def stored(table) -> Path:
    return import_recordings(table, guess_layout(table), name="mine", drop=["turn"])


def change(folder: Path, **facts) -> None:
    path = folder / "data_set.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | facts))


# --- what is stored ---


def test_by_name_and_by_folder(stored, cache, table):
    assert stored == cache / "imported" / "mine"
    known = data_set("mine")
    assert known.class_names == ("rest", "walk")
    assert known.dropped_labels == ("turn",)
    assert (known.rate, known.window_seconds, known.overlap) == (50.0, 2.56, 0.5)
    assert known.subjects == PEOPLE
    assert list_data_sets().count("mine") == 1
    windows = load_windows("mine")
    values = np.loadtxt(table, np.float32, delimiter=",", skiprows=1, usecols=(3, 4, 5))
    np.testing.assert_array_equal(windows.windows[0], values[:128])
    assert windows.channels == ("acceleration_x", "acceleration_y", "acceleration_z")
    for other in (load_windows(stored), load_windows(str(stored)), load_windows("mine", cache=cache)):
        np.testing.assert_array_equal(other.windows, windows.windows)
    split = load_split(stored)
    assert set(split.test.subjects.tolist()) == set(known.test_subjects)
    assert len(known.test_subjects) == 1


def test_facts_are_plain_data(stored, table):
    import hashlib

    facts = json.loads((stored / "data_set.json").read_text())
    assert facts["version"] == 1
    assert facts["files"] == [{"name": "study.csv", "sha256": hashlib.sha256(table.read_bytes()).hexdigest()}]
    assert facts["layout"]["reasons"]["time"] == "by its name"
    assert facts["recordings"][0]["segments"] == [["walk", 0, 200], ["turn", 200, 220], ["rest", 220, 400]]


def test_signals_stay_on_disk(stored):
    for recording in data_set("mine").recordings():
        assert isinstance(recording.signal.base, np.memmap)
        assert not recording.signal.flags.writeable


def test_windows_and_test_subjects_that_are_given(table, tmp_path):
    folder = import_recordings(
        table,
        guess_layout(table),
        name="other",
        out=tmp_path / "out",
        window_seconds=1.0,
        overlap=0.0,
        test_subjects=PEOPLE[:2],
    )
    split = load_split(folder)
    assert set(split.test.subjects.tolist()) == set(PEOPLE[:2])
    assert split.test.window_shape == (50, 3)
    assert "other" not in list_data_sets()
    assert sorted(path.name for path in folder.iterdir() if not path.name.startswith("signals-")) == [
        ".lock",
        "data_set.json",
    ]


def test_the_draw_of_test_subjects_is_the_same_every_time(table, tmp_path):
    draws = {
        load_imported(import_recordings(table, guess_layout(table), name="x", out=tmp_path / name)).test_subjects
        for name in "abc"
    }
    assert len(draws) == 1


def test_subjects_are_in_the_order_of_their_numbers(tmp_path):
    table = write_table(tmp_path / "a.csv", ("10", "9", "1"), count=300)
    import_recordings(table, guess_layout(table), name="mine")
    assert data_set("mine").subjects == ("1", "9", "10")


@pytest.mark.parametrize("people", [PEOPLE[:1], PEOPLE[:2]])
def test_fewer_than_three_subjects_have_windows_but_no_split(tmp_path, people):
    table = write_table(tmp_path / "few.csv", people)
    import_recordings(table, guess_layout(table), name="few")
    assert len(load_windows("few")) > 0
    assert data_set("few").test_subjects == ()
    with pytest.raises(ValueError, match=rf"3 subjects or more with windows in 'few'.*Received: {', '.join(people)}\."):
        load_split("few")


def test_subjects_without_a_window_are_not_drawn(tmp_path):
    table = write_table(tmp_path / "a.csv", ("a", "b"))
    short = write_table(tmp_path / "short.csv", tuple("cdefghij"), count=100)
    table.write_text(table.read_text() + short.read_text().removeprefix("time,person,activity,ax,ay,az"))
    import_recordings(table, guess_layout(table), name="mine")
    assert data_set("mine").subjects == tuple("abcdefghij")
    assert data_set("mine").test_subjects == ()
    with pytest.raises(ValueError, match=r"3 subjects or more with windows in 'mine'"):
        load_split("mine")


def test_tables_without_labels(table):
    """What `pretrain` takes; a column of that name is left out then."""
    windows = load_windows(import_recordings(table, guess_layout(table, label=""), name="bare"))
    assert windows.class_names == ("unlabelled",)
    labelled = load_windows(import_recordings(table, guess_layout(table), name="labelled", drop=["turn"]))
    assert len(windows) > len(labelled)  # those across a turn too
    sides = unlabelled_sides(Recipe(data="bare"))
    assert set(sides.train.class_names) == {"unlabelled"}
    assert not {*sides.train.subjects, *sides.validation.subjects} & set(data_set("bare").test_subjects)
    bare = table.with_name("bare.csv")
    bare.write_text(table.read_text().replace("activity", "remark"))
    with pytest.raises(ValueError, match="Name it with --label \\(''"):
        guess_layout(bare)


def test_a_folder_of_tables(tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    for number in range(3):
        write_table(folder / f"{number}.csv", (f"p{number}",), seed=number)
    import_recordings(folder, guess_layout(folder), name="mine")
    assert [one.recording_id for one in data_set("mine").recordings()] == ["0/p0", "1/p1", "2/p2"]
    shutil.copy(folder / "1.csv", folder / "copy.csv")
    with pytest.raises(ValueError, match=r"different tables. Received: copy.csv and 1.csv"):
        import_recordings(folder, guess_layout(folder), name="twice")
    assert list_data_sets().count("twice") == 0


def test_replacing(stored, table):
    before = load_windows("mine").windows
    write_table(table, seed=9)
    layout = guess_layout(table)
    with pytest.raises(ValueError, match=r"new name. Received: .*mine, a data set already.*--replace"):
        import_recordings(table, layout, name="mine")
    np.testing.assert_array_equal(load_windows("mine").windows, before)
    import_recordings(table, layout, name="mine", drop=["turn"], replace=True)
    assert not np.array_equal(load_windows("mine").windows, before)
    assert len(list(stored.glob("signals-*"))) == 1


# --- what is refused ---


@pytest.mark.parametrize("name", ["", "hapt", "../up", "a/b", ".hidden", "a b", "x" * 101])
def test_names(table, name):
    with pytest.raises(ValueError, match=r"Expected a name of letters"):
        import_recordings(table, guess_layout(table), name=name)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window_seconds": 0.0}, "windows of a sample or more"),
        ({"window_seconds": float("nan")}, "windows of a sample or more"),
        ({"window_seconds": 60.0}, "as long as a window, 3000 samples. Received: 200 samples"),
        ({"overlap": 1.0}, "overlap=1.0"),
        ({"max_gap": 0.0}, "max_gap=0.0"),
        ({"drop": ["wlak"]}, "known label to drop.*Did you mean 'walk'"),
        ({"test_subjects": ["enn"]}, "known test subject.*'ann'"),
    ],
)
def test_options_out_of_range(table, cache, options, message):
    with pytest.raises(ValueError, match=f"(?s)Expected.*{message}"):
        import_recordings(table, guess_layout(table), name="mine", **options)
    assert not (cache / "imported" / "mine").exists()


def test_recordings_of_the_same_name(tmp_path):
    """A recording in two parts and one called as the second part is."""
    table = write_table(tmp_path / "a.csv", ("a",), count=400)
    header, *lines = table.read_text().split("\n")
    other = [line.replace(",a,", ",a-2,") for line in lines]
    for number in range(200, 400):
        stamp, rest = lines[number].split(",", 1)
        lines[number] = f"{float(stamp) + 9},{rest}"
    table.write_text("\n".join([header, *lines, *other]))
    with pytest.raises(ValueError, match=r"told apart. Received: two of the name 'a-2'"):
        import_recordings(table, guess_layout(table), name="mine")


def test_a_folder_with_something_else_in_it(table, tmp_path):
    out = tmp_path / "thesis"
    out.mkdir()
    (out / "chapter.txt").write_text("irreplaceable")
    for replace in (False, True):
        with pytest.raises(ValueError, match=r"thesis, with something else in it"):
            import_recordings(table, guess_layout(table), name="mine", out=out, replace=replace)
    with pytest.raises(ValueError, match=r"chapter.txt, with something else"):
        import_recordings(table, guess_layout(table), name="mine", out=out / "chapter.txt")
    assert [path.name for path in out.iterdir()] == ["chapter.txt"]


def test_a_broken_table_leaves_nothing(table, cache):
    layout = guess_layout(table)
    with open(table, "a") as file:
        file.write("\n9.0,fay,rest,0,broken,1\n")
    with pytest.raises(ValueError, match=r"study.csv.*line 2402.*'broken'"):
        import_recordings(table, layout, name="mine")
    assert list(cache.rglob("*mine*")) == []


def test_an_archive_is_no_use(stored):
    with pytest.raises(ValueError, match=r"Expected no archive.*Received: hapt.zip"):
        load_windows("mine", archive="hapt.zip")


# --- damage ---


def test_missing_and_changed_signals(stored):
    (signals,) = stored.glob("signals-*")
    path = signals / "000003.npy"
    content = path.read_bytes()
    for damage, message in (
        (content[:-400], "no array"),
        (content[:20], "no array"),
        (b"", "no array"),
        (b"PK\x03\x04" + content, "000003.npy"),
    ):
        path.write_bytes(damage)
        with pytest.raises(ValueError, match=r"(?s)Expected .*000003.npy.*Received.*") as caught:
            load_windows("mine")
        assert message in str(caught.value)
    for array in (np.zeros((400, 2), np.float32), np.zeros((400, 3)), np.zeros((399, 3), np.float32)):
        np.save(path, array)
        with pytest.raises(ValueError, match=r"000003.npy as.*Received: \(.*instead of \(400, 3\) of float32"):
            load_windows("mine")
    np.save(path, np.array([{}] * 3), allow_pickle=True)
    with pytest.raises(ValueError, match=r"000003.npy"):
        load_windows("mine")
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"000003.npy, the recording 'dag'"):
        load_windows("mine")


@pytest.mark.parametrize(
    "facts",
    [
        {"signals": "../../elsewhere"},
        {"signals": "signals-" + "0" * 31 + "/"},
        {"signals": None},
        {"rate": "50"},
        {"rate": float("nan")},
        {"overlap": 2},
        {"window_seconds": True},
        {"class_names": "walk"},
        {"subjects": [1]},
        {"recordings": {}},
        {"recordings": [{}]},
        {"recordings": [{"recording_id": "a", "subject": "b", "samples": -1, "segments": []}]},
        {"recordings": [{"recording_id": "a", "subject": "b", "samples": 1, "segments": [["walk", 0, 1.5]]}]},
        {"format": "something"},
    ],
    ids=str,
)
def test_damaged_facts(stored, facts):
    change(stored, **facts)
    with pytest.raises(ValueError, match=r"Expected .*data_set.json as the import wrote it"):
        data_set("mine")


def test_a_newer_version(stored):
    change(stored, version=2)
    with pytest.raises(ValueError, match=r"version 1. Received: version 2.*update kerashar"):
        data_set("mine")


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "\xff", "[" * 100_000, '{"format": 1}'])
def test_no_facts_at_all(stored, content):
    (stored / "data_set.json").write_bytes(content.encode("latin1"))
    with pytest.raises(ValueError, match=r"data_set.json as the import wrote it"):
        load_windows("mine")


def test_no_data_set_in_the_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"data_set.json is missing"):
        load_windows(tmp_path)
    with pytest.raises(ValueError, match=r"known data set. Received: 'mine'"):
        load_windows("mine")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), inserted=st.binary(max_size=3), removed=st.integers(0, 3))
def test_mutated_facts(stored, place, inserted, removed):
    path = stored / "data_set.json"
    content = path.read_bytes()
    start = int(place * len(content))
    path.write_bytes(content[:start] + inserted + content[start + removed :])
    try:
        known = load_imported(stored)
        cut_windows(known.recordings(), seconds=known.window_seconds, class_names=known.class_names, drop=["turn"])
    except (ValueError, FileNotFoundError) as error:
        assert "Expected" in str(error) or "No " in str(error)  # noqa: PT017 - either is right
    finally:
        path.write_bytes(content)


# --- faults ---

IMPORT = """
import os, resource, signal, sys
from kerashar.data.tables import guess_layout, import_recordings
table, limit, kill_at = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
flush, flushed = os.fsync, 0

def flush_or_die(descriptor):
    global flushed
    flushed += 1
    if flushed == kill_at:
        os.kill(os.getpid(), signal.SIGKILL)
    flush(descriptor)

os.fsync = flush_or_die
try:
    import_recordings(table, guess_layout(table), name="mine", replace=True)
except OSError as error:
    sys.exit(str(error))
"""
on_posix = pytest.mark.skipif(sys.platform == "win32", reason="kills and limits as POSIX does")


def run_import(table: Path, *, limit: int = 0, kill_at: int = 0) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", IMPORT, str(table), str(limit), str(kill_at)]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ)


@on_posix
@pytest.mark.parametrize("kill_at", [1, 4, 7], ids=["first signal", "fourth signal", "facts"])
@pytest.mark.parametrize("before", [False, True], ids=["new", "replacing"])
def test_a_killed_import(tmp_path, cache, kill_at, before):
    """Whenever it is killed, there is the data set of before or none; the next import cleans up."""
    folder = cache / "imported" / "mine"
    old, new = write_table(tmp_path / "old.csv", count=300), write_table(tmp_path / "new.csv", seed=1)
    if before:
        import_recordings(old, guess_layout(old), name="mine")
    assert run_import(new, kill_at=kill_at).returncode == -signal.SIGKILL
    assert len(list(folder.glob("signals-*"))) == 1 + before
    if before:
        assert {len(one.signal) for one in data_set("mine").recordings()} == {300}
    else:
        assert "mine" not in list_data_sets()
        with pytest.raises(FileNotFoundError, match=r"data_set.json is missing"):
            load_windows("mine")
    import_recordings(new, guess_layout(new), name="mine", replace=before)
    assert {len(one.signal) for one in data_set("mine").recordings()} == {400}
    assert len(list(folder.glob("signals-*"))) == 1


@on_posix
def test_killed_once_it_is_written(tmp_path):
    old, new = write_table(tmp_path / "old.csv", count=300), write_table(tmp_path / "new.csv", seed=1)
    import_recordings(old, guess_layout(old), name="mine")
    assert run_import(new, kill_at=8).returncode == -signal.SIGKILL
    assert {len(one.signal) for one in data_set("mine").recordings()} == {400}


@on_posix
@pytest.mark.parametrize(
    ("limit", "file", "before"),
    [
        (100, "000000", False),
        (15_000, "000000", True),
        (20_000, "data_set.json", False),
        (20_000, "data_set.json", True),
    ],
)
def test_a_full_disk(tmp_path, cache, limit, file, before):
    """The rows of a person take 16,000 bytes: they don't fit, or they do and the facts don't."""
    old, new = write_table(tmp_path / "old.csv", count=300), write_table(tmp_path / "new.csv", turn=150)
    lines = new.read_text().replace("turn", "{}").split("\n")
    new.write_text("\n".join(line.format("ab"[number % 2]) for number, line in enumerate(lines)))
    if before:
        import_recordings(old, guess_layout(old), name="mine")
    done = run_import(new, limit=limit)
    assert done.returncode == 1
    assert "File too large (free some space, or choose another folder)" in done.stderr
    assert f"{file}'" in done.stderr
    if before:
        assert {len(one.signal) for one in data_set("mine").recordings()} == {300}
        assert len(list((cache / "imported" / "mine").glob("signals-*"))) == 1
    else:
        assert list(cache.rglob("*mine*")) == []


def test_two_imports_at_a_time(table, cache):
    from filelock import FileLock

    folder = cache / "imported" / "mine"
    folder.mkdir(parents=True)
    with FileLock(folder / ".lock"), pytest.raises(ValueError, match=r"one import into .*mine at a time"):
        import_recordings(table, guess_layout(table), name="mine")
    import_recordings(table, guess_layout(table), name="mine")


# --- the command ---


def test_command(table, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    import_tables(table, "mine", drop=["turn"], test_subject=["ann", "eva"], yes=True)
    printed = " ".join(capsys.readouterr().out.split())
    for part in (
        "by its name",
        "median norm 1.0",
        "50 Hz",
        "6 recordings of 6 subjects, 0.8 min",
        "100% of it labelled",
    ):
        assert part in printed
    assert "Test subjects: ann, eva Look into it: kerashar data show mine" in printed
    show("mine")
    assert "Own recordings from study.csv" in capsys.readouterr().out
    print_list()
    assert "mine" in capsys.readouterr().out


def test_command_with_all_that_can_be_given(tmp_path, capsys):
    rows = ["stamp;who;what;where;u;v;w"]
    rows += [f"{number * 10};{one};{'ab'[number > 150]};1;0,1;0,2;{number},5" for one in "xyz" for number in range(300)]
    path = tmp_path / "odd.csv"
    path.write_text("\n".join(rows))
    import_tables(
        path,
        "odd",
        time_column="stamp",
        time_unit="ms",
        rate=100.0,
        label="what",
        subject="who",
        recording="where",
        channel=["u", "w=wheel"],
        unit=["u=V", "wheel=rad"],
        separator=";",
        window=1.0,
        overlap=0.0,
        out=tmp_path / "out",
        yes=True,
    )
    windows = load_windows(tmp_path / "out")
    assert (windows.channels, windows.units, windows.rate) == (("u", "wheel"), ("V", "rad"), 100.0)
    assert windows.windows[0, :3, 1].tolist() == [0.5, 1.5, 2.5]
    assert f"kerashar data show {tmp_path / 'out'}" in " ".join(capsys.readouterr().out.split())


def test_command_asks_before_it_writes(table, cache):
    with pytest.raises(ValueError, match=r"Expected --yes where nobody can answer"):
        import_tables(table, "mine")
    assert not cache.exists()


@pytest.mark.parametrize("options", [{"channel": ["=x"]}, {"channel": ["ax="]}, {"unit": ["acceleration"]}])
def test_command_options(table, options):
    with pytest.raises(ValueError, match=r"Expected --(channel|unit) name=value"):
        import_tables(table, "mine", yes=True, **options)


def test_a_damaged_data_set_does_not_hide_the_others(stored, capsys):
    (stored / "data_set.json").write_text("{")
    print_list()
    printed = capsys.readouterr().out
    assert "hapt" in printed
    assert "mine" in printed


def test_command_line(table, cache):
    command = [sys.executable, "-m", "kerashar.cli.main", "data", "import", str(table), "--name", "mine", "--yes"]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr
    assert (cache / "imported" / "mine" / "data_set.json").exists()


def test_looking_up_loads_no_reader_of_tables(stored):
    code = (
        "import sys; from kerashar.data import load_windows; load_windows('mine'); sys.exit('pyarrow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], env=os.environ).returncode == 0


def test_speed(tmp_path):
    """A guard against reading row by row: 30,000 rows took 0.2 s where it was written."""
    table = write_table(tmp_path / "a.csv", count=5000)
    began = time.monotonic()
    import_recordings(table, guess_layout(table), name="mine")
    assert time.monotonic() - began < 5
