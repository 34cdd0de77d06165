import os
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerashar.data.tables import TableLayout, guess_layout, read_tables, row_sorter
from kerashar.data.tables.column_names import kind_and_axis, role_of, triples, unit_in
from kerashar.data.tables.time_stamps import guess_time_unit, measured_rate

pytestmark = pytest.mark.once
RATE = 50.0


def columns(count: int = 100, person: str = "anna", seed: int = 0, start: float = 0.0) -> dict[str, list]:
    """A recording at 50 Hz: at rest in its first half, then walking."""
    noise = np.random.default_rng(seed).normal([0, 0, 1], 0.05, (count, 3)).round(4)
    return {
        "time": [f"{start + number / RATE:.2f}" for number in range(count)],
        "person": [person] * count,
        "activity": ["rest" if number < count // 2 else "walk" for number in range(count)],
        **{name: [f"{value:.4f}" for value in noise[:, axis]] for axis, name in enumerate(("ax", "ay", "az"))},
    }


def text(table: dict[str, list], separator: str = ",", end: str = "\n") -> str:
    rows = zip(*table.values(), strict=True)
    return end.join([separator.join(table), *(separator.join(map(str, row)) for row in rows), ""])


def values(table: dict[str, list]) -> np.ndarray:
    return np.array([table["ax"], table["ay"], table["az"]], float).T.astype(np.float32)


@pytest.fixture
def write(tmp_path):
    def write_file(content: str | bytes | dict[str, list], name: str = "walk.csv") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = text(content) if isinstance(content, dict) else content
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


def read(source: Path, **given):
    layout = guess_layout(source, **given)
    return list(read_tables(source, layout, change_rate=given.get("change_rate", False)))


# --- what is read ---


def test_values_labels_and_names_come_through(write):
    table = columns()
    (recording,) = read(write(table))
    np.testing.assert_array_equal(recording.signal, values(table))
    assert recording.channels == ("acceleration_x", "acceleration_y", "acceleration_z")
    assert (recording.units, recording.rate) == (("g",) * 3, RATE)
    assert (recording.subject, recording.recording_id) == ("anna", "anna")
    assert [(part.label, part.start, part.stop) for part in recording.segments] == [("rest", 0, 50), ("walk", 50, 100)]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(text(columns(), end="\r\n"), id="CRLF"),
        pytest.param(text(columns(), end="\r"), id="CR"),
        pytest.param("\ufeff" + text(columns()), id="BOM"),
        pytest.param(text(columns(), ";").replace(".", ","), id="decimal comma"),
        pytest.param(text(columns(), ";"), id="semicolon"),
        pytest.param(text(columns(), "\t"), id="tab"),
        pytest.param(text(columns()).replace("time,person", '"time","person"'), id="quoted header"),
        pytest.param(text(columns()).replace("anna", '"anna"').replace("walk", '" walk "'), id="quoted cells"),
        pytest.param("\n\n" + text(columns()) + "\n\n", id="empty lines around"),
        pytest.param(text(columns()).replace("rest\n", "rest\n\n"), id="empty lines between"),
        pytest.param(text({"": range(100), **columns()}), id="index without a name"),
        pytest.param(text({**columns(), "note": ["ok"] * 100, "row": range(100)}), id="other columns"),
        pytest.param(text(columns())[:-1], id="no end of the last line"),
    ],
)
def test_ways_to_write_a_table(write, content):
    (recording,) = read(write(content))
    np.testing.assert_array_equal(recording.signal, values(columns()))
    assert [(part.label, part.stop) for part in recording.segments] == [("rest", 50), ("walk", 100)]
    assert recording.subject == "anna"


@pytest.mark.parametrize(
    ("scale", "unit"), [(1, "s"), (1e3, "ms"), (1e6, "us"), (1e9, "ns")], ids=["s", "ms", "us", "ns"]
)
@pytest.mark.parametrize("epoch", [0, 1_700_000_000], ids=["from 0", "since 1970"])
def test_units_of_time(write, scale, unit, epoch):
    table = columns()
    table["time"] = [f"{(epoch + number / 50) * scale:.2f}".removesuffix(".00") for number in range(100)]
    path = write(table)
    layout = guess_layout(path)
    assert (layout.time_unit, layout.rate) == (unit, RATE)
    (recording,) = read_tables(path, layout)
    np.testing.assert_array_equal(recording.signal, values(table))


@pytest.mark.parametrize("zone", ["", "Z", "+02:00"])
@pytest.mark.parametrize("between", ["T", " "])
def test_dates(write, zone, between):
    table = columns()
    stamps = np.datetime64("2024-05-01T12:00:00", "ms") + np.arange(100) * 20
    table["time"] = [str(stamp).replace("T", between) + zone for stamp in stamps]
    (recording,) = read(write(table))
    np.testing.assert_array_equal(recording.signal, values(table))


def test_samples_without_stamps(write):
    table = columns()
    del table["time"]
    path = write(table)
    with pytest.raises(ValueError, match=r"named like a time.*--time-column.*--rate"):
        guess_layout(path)
    (recording,) = read(path, rate=25.0)
    np.testing.assert_array_equal(recording.signal, values(table))
    assert recording.rate == 25.0


def parquet(path: Path, table: dict) -> Path:
    pa_parquet.write_table(pa.table(table), path, row_group_size=30)
    return path


@pytest.mark.parametrize("stamps", ["float", "nanoseconds", "timestamp", "zone"])
def test_parquet(tmp_path, stamps):
    table = columns()
    times = 1_700_000_000 + np.arange(100) / 50
    nanoseconds = (times * 1e9).round(-6).astype("int64")
    numbers = {name: np.array(table[name], np.float32) for name in ("ax", "ay", "az")}
    chosen = {
        "float": pa.array(times),
        "nanoseconds": pa.array(nanoseconds),
        "timestamp": pa.array(nanoseconds, pa.timestamp("ns")),
        "zone": pa.array(nanoseconds // 1000, pa.timestamp("us", "Europe/Madrid")),
    }[stamps]
    activities = pa.array(table["activity"]).dictionary_encode()
    path = parquet(
        tmp_path / "a.parquet",
        {"time": chosen, "subject": [3] * 100, "activity": activities, **numbers, "l": [[1]] * 100},
    )
    (recording,) = read(path)
    np.testing.assert_array_equal(recording.signal, values(table))
    assert recording.subject == "3"
    assert [part.label for part in recording.segments] == ["rest", "walk"]


def test_sessions_may_take_turns(write):
    first, second = columns(seed=1), columns(seed=2)
    rows = {}
    for name in first:
        parts = (first[name][:30], second[name][:50], first[name][30:], second[name][50:])
        rows[name] = [cell for part in parts for cell in part]
    rows["session"] = ["1"] * 30 + ["2.0"] * 50 + ["1"] * 70 + ["2.0"] * 50
    one, two = read(write(rows))
    assert (one.recording_id, two.recording_id) == ("anna/1", "anna/2")
    np.testing.assert_array_equal(one.signal, values(first))
    np.testing.assert_array_equal(two.signal, values(second))


def test_people_may_take_turns_row_by_row(write):
    first, second = columns(person="a"), columns(person="b", seed=2)
    rows = {name: [cell for pair in zip(first[name], second[name], strict=True) for cell in pair] for name in first}
    one, two = read(write(rows))
    np.testing.assert_array_equal(one.signal, values(first))
    np.testing.assert_array_equal(two.signal, values(second))


def test_gaps_part_a_recording(write):
    table = columns()
    table["time"] = [f"{number / 50 + (number >= 40) * 3:.2f}" for number in range(100)]
    one, two = read(write(table))
    assert (one.recording_id, two.recording_id) == ("anna-1", "anna-2")
    np.testing.assert_array_equal(np.concatenate([one.signal, two.signal]), values(table))
    assert [(part.label, part.start, part.stop) for part in two.segments] == [("rest", 0, 10), ("walk", 10, 60)]


def test_missing_values_are_gaps(write):
    table = columns(200)
    for number in range(80, 120):  # 0.8 s, above the longest gap that is bridged
        table["ay"][number] = "NaN" if number % 2 else ""
    table["ax"][20] = ""  # bridged
    one, two = read(write(table))
    assert (len(one.signal), len(two.signal)) == (80, 80)
    assert np.isfinite(one.signal).all()


@pytest.mark.parametrize("missing", ["", "NaN", "NA", "null"])
def test_missing_labels_are_unlabelled(write, missing):
    table = columns()
    table["activity"][:50] = [missing] * 50
    (recording,) = read(write(table))
    assert [(part.label, part.start, part.stop) for part in recording.segments] == [("walk", 50, 100)]


@pytest.mark.parametrize(("cells", "labels"), [(("1", "2"), ["1", "2"]), (("1.0", "2.0"), ["1", "2"])])
def test_numbers_as_labels(write, cells, labels):
    table = columns()
    table["activity"] = [cells[number >= 50] for number in range(100)]
    (recording,) = read(write(table))
    assert [part.label for part in recording.segments] == labels


def test_folder_with_subjects_in_names(write):
    for person in ("03", "12"):
        table = columns(seed=int(person))
        del table["person"]
        write(table, f"study/subject{person}/walk.csv")
    folder = write("no table", "study/README.md").parent
    write("junk", "study/.hidden.csv")
    write("junk", "study/.git/x.csv")
    recordings = read(folder)
    assert [one.subject for one in recordings] == ["03", "12"]
    assert [one.recording_id for one in recordings] == ["subject03/walk", "subject12/walk"]


def test_folder_with_subjects_in_file_names(write):
    table = columns()
    del table["person"]
    folder = write(table, "study/anna.csv").parent
    write(table | {"ax": table["ay"]}, "study/ben.csv")
    with pytest.raises(ValueError, match=r"who was measured.*--subject COLUMN, --subject @file or --subject @folder"):
        guess_layout(folder)
    assert [one.subject for one in read(folder, subject="@file")] == ["anna", "ben"]
    write(table, "study/s07_walk.csv")
    with pytest.raises(ValueError, match=r"in a folder of its subject"):
        read(folder, subject="@folder")


def test_metres_per_second_squared(write):
    table = columns()
    for name in ("ax", "ay", "az"):
        table[name] = [f"{9.81 * float(cell):.3f}" for cell in table[name]]
    assert guess_layout(write(table)).units == ("m/s2",) * 3


def test_units_that_differ(write):
    folder = write(columns(person="a"), "study/1.csv").parent
    other = columns(person="b")
    other |= {name: [f"{9.81 * float(cell):.3f}" for cell in other[name]] for name in ("ax", "ay", "az")}
    layout = guess_layout(folder)
    write(other, "study/2.csv")
    with pytest.raises(ValueError, match=r"Expected the unit of 'acceleration_x'"):
        guess_layout(folder)
    with pytest.raises(
        ValueError, match=r"acceleration in g in recording '2/b' of .*2.csv. Received: values as in m/s2"
    ):
        list(read_tables(folder, layout))
    assert len(read(folder, units={"acceleration": "g"})) == 2


def test_units_that_are_given_or_in_the_name(write):
    table = columns()
    body = {name: [f"{float(cell) / 7:.4f}" for cell in table.pop(name)] for name in ("ax", "ay", "az")}
    path = write(table | body)
    with pytest.raises(ValueError, match=r"unit of 'acceleration_x'.*median norm 0.1.*--unit acceleration=UNIT"):
        guess_layout(path)
    assert guess_layout(path, units={"acceleration": "g"}).units == ("g",) * 3
    with pytest.raises(ValueError, match=r"acceleratoin.*Did you mean"):
        guess_layout(path, units={"acceleration": "g", "acceleratoin_x": "g"})
    turning = {f"Gyro {axis} (deg/s)": body[f"a{axis.lower()}"] for axis in "XYZ"}
    layout = guess_layout(write(table | turning))
    assert layout.channels == {f"Gyro {axis} (deg/s)": f"angular_rate_{axis.lower()}" for axis in "XYZ"}
    assert layout.units == ("deg/s",) * 3


def test_channels_that_are_given(write):
    layout = guess_layout(write(columns()), channels={"az": "down"}, units={"down": "g"})
    assert (layout.channels, layout.units) == ({"az": "down"}, ("g",))


def test_columns_that_name_a_role_are_no_channels(write):
    table = columns() | {"activity_id": [number // 50 for number in range(100)], "subject_id": [1] * 100}
    layout = guess_layout(write(table), label="activity", subject="person")
    assert list(layout.channels) == ["ax", "ay", "az"]


def test_rate_can_be_changed(write):
    path = write(columns(200))
    with pytest.raises(ValueError, match=r"25 Hz within a few percent.*stamps of 50 Hz.*--change-rate"):
        guess_layout(path, rate=25.0)
    (recording,) = read(path, rate=25.0, change_rate=True)
    assert recording.rate == 25.0
    assert len(recording.signal) == 100


def test_rounded_and_lost_stamps_leave_the_rate(write):
    table = columns(400)
    kept = np.random.default_rng(0).random(400) > 0.1
    table["time"] = [f"{number * 1000 / 120:.0f}" for number in range(400)]  # 8 and 9 ms
    table = {name: [cell for cell, keep in zip(cells, kept, strict=True) if keep] for name, cells in table.items()}
    assert guess_layout(write(table)).rate == 120.0


def test_bursts_leave_the_rate(write):
    table = columns(400)
    table["time"] = [f"{(number // 3 * 3 if number % 60 < 15 else number) / 100:.2f}" for number in range(400)]
    assert guess_layout(write(table)).rate == 100.0


# --- what is refused ---

GOOD = columns()


def changed(**cells) -> dict[str, list]:
    return GOOD | cells


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("", "header.*no line with text", id="empty"),
        pytest.param("\n\n\n", "header.*no line with text", id="empty lines"),
        pytest.param("time,person,activity,ax,ay,az\n", "rows under the header.*none", id="header only"),
        pytest.param("just one column\n1\n2\n", "--separator", id="one column"),
        pytest.param("0.0,anna,rest,0,0,1\n0.02,anna,rest,0,0,1\n", "column names in line 1", id="no header"),
        pytest.param(text(GOOD).replace("ay", "ax", 1), r"each column name once.*\['ax'\] twice", id="same name twice"),
        pytest.param(text(GOOD).encode("utf-16"), "UTF-8.*(NUL|0xff)", id="UTF-16"),
        pytest.param(text(GOOD).replace("anna", "Añá").encode("latin1"), "UTF-8.*line 2.*0xf1.*iconv", id="Latin-1"),
        pytest.param(text(GOOD).replace("1.98,anna,", "1.98,"), "line 101.*Expected 6 columns, got 5", id="cell short"),
        pytest.param(text(GOOD) + "2.0,anna,rest,0,0,1,7\n", "line 102.*Expected 6 columns, got 7", id="cell too many"),
        pytest.param(text(GOOD) + "2.0,an", "line 102.*Expected 6 columns, got 2", id="cut off"),
        pytest.param(text(GOOD) + "2.0,anna,rest,0,inf,1\n", "finite float32 in column 'ay'.*line 102", id="infinity"),
        pytest.param(text(GOOD) + "1.0,anna,rest,0,0,1\n", "stamps that go on.*line 102", id="jumps back"),
        pytest.param(text(GOOD) + ",anna,rest,0,0,1\n", "a time.*line 102", id="no time"),
        pytest.param(text(GOOD) + "\n\n2.0,,rest,0,0,1\n", "column 'person'.*empty cell.*line 104", id="no person"),
        pytest.param(
            changed(ax=["0.5"] * 99 + ["0,5"]), "line 101.*Expected 6 columns, got 7", id="late decimal comma"
        ),
        pytest.param(text(GOOD, ";") + "2,0;anna;rest;0.1;0.2;1.0\n", "one of . and , throughout", id="both decimals"),
        pytest.param(
            changed(stamp=GOOD["time"]), r"one column of the time.*\['time', 'stamp'\].*--time-column", id="times"
        ),
        pytest.param(changed(label=GOOD["activity"]), "one column of the label.*--label", id="two labels"),
        pytest.param(changed(user=GOOD["person"]), "one column of the subject.*--subject", id="two subjects"),
        pytest.param({**{n: c for n, c in GOOD.items() if n != "activity"}}, "--label", id="no label"),
        pytest.param({**{n: c for n, c in GOOD.items() if n != "person"}}, "--subject COLUMN", id="no subject"),
        pytest.param(changed(time=range(100)), "--time-unit.*counts samples", id="counter"),
        pytest.param(changed(time=["noon"] * 100), "time as numbers or as dates.*noon", id="words as time"),
        pytest.param(changed(time=[number // 50 for number in range(100)]), "--time-column ''", id="coarse clock"),
        pytest.param(changed(activity=[f"note {n}" for n in range(100)]), "a few labels.*100 different", id="notes"),
        pytest.param(changed(ax=["x"] * 100, ay=["x"] * 100, az=["x"] * 100), "numeric column", id="no channels"),
    ],
)
def test_refused(write, content, message):
    path = write(content)
    with pytest.raises(ValueError, match=f"(?s)Expected.*{message}") as caught:
        read(path)
    assert "Received" in str(caught.value)


def test_a_late_word_among_numbers_names_its_line(write):
    path = write(text(columns(5000)) + "100.0,anna,rest,0,error,1\n")
    with pytest.raises(ValueError, match=r"walk.csv.*column #\d: line 5002.*'error'"):
        read(path)


def test_a_channel_that_is_mostly_empty(write):
    table = columns(3000) | {"pulse": [70] * 1000 + [""] * 2000}
    with pytest.raises(ValueError, match=r"'pulse'.*2000 of 3000 missing.*--channel"):
        read(write(table))


def test_labels_that_turn_out_to_be_notes(write):
    table = columns(4000)
    table["activity"][2500:] = [f"note {number}" for number in range(1500)]
    with pytest.raises(ValueError, match=r"at most 1000 different labels.*'activity'.*--label"):
        read(write(table))


def test_recordings_without_end(write, monkeypatch):
    monkeypatch.setattr(row_sorter, "_MOST_RECORDINGS", 5)
    table = columns(500) | {"session": [number // 50 for number in range(500)]}
    with pytest.raises(ValueError, match=r"at most 5 recordings.*'session'.*--recording"):
        read(write(table))


def test_an_empty_line_between_regular_samples(write):
    table = columns()
    del table["time"]
    lines = text(table).splitlines()
    path = write("\n".join([*lines[:40], "", *lines[40:]]))
    with pytest.raises(ValueError, match=r"empty row between regular samples.*line 41"):
        read(path, rate=50.0)


def test_rates_that_differ(write):
    folder = write(columns(), "study/s01.csv").parent
    other = columns(person="ben")
    other["time"] = [f"{number / 100:.2f}" for number in range(100)]
    path = write(other, "study/s02.csv")
    with pytest.raises(ValueError, match=r"one rate.*50 Hz in .*s01.csv and 100 Hz in .*s02.csv.*--change-rate"):
        read(folder)
    with pytest.raises(ValueError, match=r"50 Hz within.*'s02/ben' of .*s02.csv.*stamps of 100 Hz"):
        list(read_tables(folder, guess_layout(folder / "s01.csv")))
    recordings = read(folder, rate=50.0, change_rate=True)
    assert [len(one.signal) for one in recordings] == [100, 50]
    path.unlink()
    assert len(read(folder)) == 1


def test_a_folder_with_another_layout(write):
    for number in range(3):
        folder = write(columns(seed=number), f"study/s{number}.csv").parent
    odd = write(columns() | {"az2": [1] * 100}, "study/odd.csv")
    with pytest.raises(ValueError, match=rf"same columns.*3 of 4. Received: {odd}"):
        guess_layout(folder)
    odd.write_text(text(columns(), ";"))
    with pytest.raises(ValueError, match=rf"Received: {odd}.*separator ';'"):
        guess_layout(folder)


def test_a_folder_with_csv_and_parquet(write):
    folder = write(columns(), "study/1.csv").parent
    write(columns(seed=1), "study/2.csv")
    odd = parquet(folder / "3.parquet", columns(seed=2))
    with pytest.raises(ValueError, match=rf"2 of 3. Received: {odd}.*separator None"):
        guess_layout(folder)


def test_columns_may_be_in_another_order(write):
    folder = write(columns(person="a"), "study/1.csv").parent
    other = columns(person="b", seed=5)
    write(dict(reversed(other.items())), "study/2.csv")
    one, two = read(folder)
    assert one.channels == two.channels
    np.testing.assert_array_equal(two.signal, values(other))


def test_links_are_refused(write, tmp_path):
    outside = write(columns(), "outside/secret.csv")
    folder = write(columns(), "study/s1.csv").parent
    link = folder / "s2.csv"
    for target in (outside, folder / "s1.csv", outside.parent, folder, tmp_path / "nowhere.csv"):
        link.symlink_to(target)
        with pytest.raises(ValueError, match=f"no links. Received: {link}"):
            guess_layout(folder)
        link.unlink()


def test_names_that_are_not_utf8(write):
    folder = write(columns(), "study/s1.csv").parent
    os.rename(folder / "s1.csv", os.fsencode(folder) + b"/s\xff.csv")
    with pytest.raises(ValueError, match=r"file names in UTF-8.*\\udcff"):
        guess_layout(folder)


@pytest.mark.parametrize("name", ["walk.xlsx", "walk"])
def test_other_kinds_of_file(write, name):
    with pytest.raises(ValueError, match=rf"\.csv, \.tsv, \.parquet, or a folder.*{name}"):
        guess_layout(write(columns(), name))


def test_nothing_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"No file or folder .*nowhere.csv"):
        guess_layout(tmp_path / "nowhere.csv")
    with pytest.raises(ValueError, match=r"Received: none"):
        guess_layout(tmp_path)


@pytest.mark.parametrize("option", ["time", "label", "recording", "subject"])
def test_unknown_columns(write, option):
    with pytest.raises(ValueError, match=r"known column.*'activty'.*Did you mean 'activity'"):
        guess_layout(write(columns()), **{option: "activty"})
    with pytest.raises(ValueError, match=r"known column.*'activty'"):
        guess_layout(write(columns()), channels=["activty"])


@pytest.mark.parametrize(
    "option", [{"rate": 0.0}, {"rate": float("nan")}, {"time_unit": "minutes"}, {"separator": ",,"}]
)
def test_options_out_of_range(write, option):
    with pytest.raises(ValueError, match=r"Expected"):
        guess_layout(write(columns()), **option)


def test_a_column_with_two_roles(write):
    with pytest.raises(ValueError, match=r"one role per column.*\['person'\]"):
        guess_layout(write(columns()), subject="person", recording="person")


def test_layout_must_fit_the_table(write):
    layout = guess_layout(write(columns()))
    other = write(columns() | {"more": [1] * 100}, "other.csv")
    with pytest.raises(ValueError, match=r"Expected the columns.*more"):
        list(read_tables(other, layout))
    with pytest.raises(ValueError, match=r"unit of time"):
        TableLayout(**{**layout.to_json(), "time_unit": "h"})


def test_damaged_parquet(tmp_path):
    numbers = {name: np.arange(1000) / 50 for name in ("time", "ax")}
    path = parquet(tmp_path / "a.parquet", {**numbers, "user": ["a"] * 1000, "label": ["b"] * 1000})
    whole = path.read_bytes()
    options = {"channels": ["ax"], "units": {"ax": "g"}}
    assert len(read(path, **options)) == 1
    for cut in (0, 3, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.raises(ValueError, match=r"Expected a table in .*a.parquet"):
            read(path, **options)
    random = np.random.default_rng(0)
    for _ in range(60):
        place = int(random.integers(len(whole)))
        path.write_bytes(whole[:place] + bytes([int(random.integers(256))]) + whole[place + 1 :])
        only_our_errors(path, options)


def test_text_in_a_parquet_channel(tmp_path):
    table = {name: cells * 20 for name, cells in columns().items()}
    table["time"] = [f"{number / 50:.2f}" for number in range(2000)]
    table |= {name: table[name] + ["2", "3"] for name in table} | {"time": [*table["time"], "41", "42"]}
    table["az"] = [*table["az"][:-1], "broken"]
    with pytest.raises(ValueError, match=r"column 'az' of .*a.parquet.*broken.*in rows"):
        read(parquet(tmp_path / "a.parquet", table))


# --- real tables ---


@pytest.fixture(scope="module")
def phones(tmp_path_factory, spsw_har_archive) -> Path:
    """A phone's tables of two people: stamps in ms since 1970 that come in bursts, in folders s01 and s02."""
    folder = tmp_path_factory.mktemp("phones")
    with zipfile.ZipFile(spsw_har_archive) as archive:
        for name in archive.namelist():
            if re.search(r"/s0[12]/s0\d_0[1-4]_sp\.csv$", name):
                archive.extract(name, folder)
    (study,) = folder.glob("*/DATA")
    return study


def test_real_phones(phones):
    layout = guess_layout(phones, units={"angular_rate": "rad/s"})
    assert (layout.time_unit, layout.rate, layout.subject) == ("ms", 102.0, "@folder")
    assert (layout.units[0], layout.reasons["unit of acceleration_x"][:12]) == ("m/s2", "median norm ")
    recordings = list(read_tables(phones, layout))
    assert [one.recording_id for one in recordings] == [f"s0{who}/s0{who}_0{run}_sp" for who in "12" for run in "1234"]
    assert [one.subject for one in recordings] == ["01"] * 4 + ["02"] * 4
    for recording in recordings:
        labels = [part.label for part in recording.segments]
        assert labels[0] == "SEATED"
        assert {"WALKING", "TURNING", "STANDING_UP", "SITTING_DOWN"} <= set(labels)


def test_mutated_real_phones(phones, tmp_path):
    content = next(phones.rglob("*.csv")).read_bytes()
    random = np.random.default_rng(0)
    path = tmp_path / "s01.csv"
    for _ in range(40):
        start, length = (int(number) for number in random.integers(0, (len(content), 50)))
        inserted = random.choice(list(b'0123456789.,;-\n\r"ainf\xff\x00'), 2).astype(np.uint8).tobytes()
        path.write_bytes(content[:start] + inserted + content[start + length :])
        only_our_errors(path, {"units": {"angular_rate": "rad/s"}})


# --- names, stamps ---


@pytest.mark.parametrize(
    ("column", "role"),
    [
        ("Timestamp (ms)", "time"),
        ("unix_time", "time"),
        ("subjectId", "subject"),
        ("userAcceleration.x", None),
        ("run", "recording"),
        ("Activity Label", "label"),
        ("", "counter"),
        ("Unnamed: 0", "counter"),
        ("heart_rate", None),
        ("class_probability", None),
    ],
)
def test_roles_by_name(column, role):
    assert role_of(column) == role


@pytest.mark.parametrize(
    ("column", "found"),
    [
        ("ax", ("acceleration", "x", "")),
        ("accX", ("acceleration", "x", "")),
        ("Acc_Y (g)", ("acceleration", "y", "")),
        ("accelerometer.z", ("acceleration", "z", "")),
        ("wrist_gyro_z", ("angular_rate", "z", "wrist")),
        ("rotationRate.x", ("angular_rate", "x", "")),
        ("magx", ("magnetic_field", "x", "")),
        ("x", None),
        ("gravity_x", None),
    ],
)
def test_kinds_by_name(column, found):
    assert kind_and_axis(column) == found


def test_two_sensors_of_a_kind_keep_their_columns():
    names = [f"{place}_acc_{axis}" for place in ("wrist", "ankle") for axis in "xyz"]
    assert [kind for kind, _ in triples(names)] == ["acceleration", "acceleration"]
    assert unit_in("acc [m/s^2]") == "m/s2"
    assert unit_in("acc (left)") is None


def test_unit_is_open_where_two_fit():
    assert guess_time_unit(0.0, np.ones(9), None) is None
    assert guess_time_unit(0.0, np.ones(9), 1000.0) == "ms"
    assert guess_time_unit(0.0, np.zeros(9), None) is None
    assert measured_rate(np.zeros(3)) is None


# --- size ---

BIG = """
import resource, sys
from kerashar.data.tables import guess_layout, read_tables
layout = guess_layout(sys.argv[1], units={"acceleration": "g"})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
limit = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize() + int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
try:
    print(sum(len(one.signal) for one in read_tables(sys.argv[1], layout)))
except ValueError as error:
    print(error)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024, file=sys.stderr)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
def test_a_large_table_needs_little_memory(tmp_path):
    """More than 50 MB are read in less memory than that, and one broken line at their end is named."""
    count, people = 800_000, 50
    table = {
        "time": np.tile(np.arange(count // people) / 50, people).round(2),
        "person": np.repeat([f"p{number:02}" for number in range(people)], count // people),
        "activity": np.repeat(["walk", "rest"] * people, count // people // 2),
        **{name: np.random.default_rng(0).normal(1, 0.1, count).round(12) for name in ("ax", "ay", "az")},
    }
    path = tmp_path / "big.csv"
    pa_csv.write_csv(pa.table(table), path)
    size = path.stat().st_size
    assert size > 50e6

    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", BIG, str(path), str(2**28)]
        return subprocess.run(command, capture_output=True, text=True, env=os.environ | {"TMPDIR": str(tmp_path)})

    done = run()
    assert done.stdout == f"{count}\n", done.stderr
    assert int(done.stderr) < 0.8 * size
    with open(path, "ab") as file:
        file.write(b"320.0,p49,rest,1\n")
    done = run()
    assert f"big.csv. Received: CSV parse error: line {count + 2}: Expected 6 columns, got 4" in done.stdout
    assert int(done.stderr) < 0.8 * size


# --- anything at all ---

FUZZ = settings(max_examples=60, deadline=4000, suppress_health_check=[HealthCheck.function_scoped_fixture])
SMALL = text(columns(30)).encode()


def only_our_errors(path: Path, options: dict | None = None) -> None:
    began = time.monotonic()
    try:
        recordings = read(path, **(options or {}))
    except (ValueError, FileNotFoundError) as error:
        assert "Expected" in str(error) or "No " in str(error)  # noqa: PT017 - either is right
    else:
        assert all(np.isfinite(one.signal).all() for one in recordings)
    assert time.monotonic() - began < 4


@FUZZ
@given(content=st.binary(max_size=400))
def test_random_bytes(tmp_path, content):
    path = tmp_path / "random.csv"
    path.write_bytes(content)
    only_our_errors(path)


@FUZZ
@given(
    content=st.lists(
        st.lists(
            st.sampled_from(["", "time", "user", "label", "ax", "1", "0.02", "-3", "nan", "inf", '"', "1,5", "é", " "])
        ),
        max_size=8,
    ),
    separator=st.sampled_from([",", ";", "\t", "|", " "]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_random_cells(tmp_path, content, separator, end):
    path = tmp_path / "cells.csv"
    path.write_bytes(end.join(separator.join(row) for row in content).encode())
    only_our_errors(path, {"rate": 50.0})


@FUZZ
@given(
    changes=st.lists(st.tuples(st.integers(0, len(SMALL) - 1), st.binary(max_size=4), st.integers(0, 3)), max_size=4),
)
def test_mutated_tables(tmp_path, changes):
    content = SMALL
    for place, inserted, removed in changes:
        content = content[:place] + inserted + content[place + removed :]
    path = tmp_path / "mutated.csv"
    path.write_bytes(content)
    only_our_errors(path)
