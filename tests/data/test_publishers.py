"""Each data set from a small archive in its publisher's layout."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerashar.data import data_set, load_split, load_windows
from kerashar.data.builders.hapt import Hapt
from kerashar.data.builders.motion_sense import MotionSense
from kerashar.data.builders.motion_sense_archive import read_motion_sense
from kerashar.data.builders.pamap2 import Pamap2
from kerashar.data.builders.pamap2_archive import read_pamap2
from kerashar.data.builders.spsw_har import SpSwHar, SpSwHarPhone, SpSwHarWatch
from kerashar.data.builders.spsw_har_archive import read_spsw_har
from kerashar.data.builders.uci_har import UciHar
from kerashar.data.builders.uci_har_archive import read_uci_har
from kerashar.data.builders.wisdm import WisdmPhone, WisdmWatch
from kerashar.data.builders.wisdm_archive import read_wisdm
from tests.data import publishers

pytestmark = pytest.mark.once

READERS = {
    "uci_har": read_uci_har,
    "spsw_har": read_spsw_har,
    "wisdm": lambda path: read_wisdm(path, "phone"),
    "pamap2": read_pamap2,
    "motion_sense": read_motion_sense,
}


@pytest.mark.parametrize(
    ("name", "archive", "windows", "channels"),
    [
        ("uci_har", "uci_har", 23, 9),
        ("spsw_har", "spsw_har", 12, 12),
        ("spsw_har_phone", "spsw_har", 12, 6),
        ("spsw_har_watch", "spsw_har", 12, 6),
        ("wisdm_phone", "wisdm", 8, 6),
        ("wisdm_watch", "wisdm", 8, 6),
        ("pamap2", "pamap2", 5, 27),
        ("motion_sense", "motion_sense", 12, 9),
    ],
)
def test_windows_through_the_builder(publish, tmp_path, name, archive, windows, channels):
    known = data_set(name)
    found = load_windows(name, archive=publish(archive), cache=tmp_path / "cache")
    assert len(found) == windows
    assert found.window_shape == (round(known.window_seconds * known.rate), channels)
    assert found.rate == known.rate
    assert set(found.subjects.tolist()) <= set(known.subjects)
    again = load_windows(name, archive=publish(archive), cache=tmp_path / "cache")
    assert again.fingerprint() == found.fingerprint()


@pytest.mark.parametrize("name", sorted(READERS))
def test_recordings_come_one_at_a_time(publish, name):
    first = next(READERS[name](publish(name)))  # the rest is not read
    assert np.isfinite(first.signal).all()
    assert first.segments


@pytest.mark.parametrize("name", sorted(READERS))
def test_another_data_set_is_refused(publish, name):
    other = "pamap2" if name != "pamap2" else "wisdm"
    with pytest.raises(ValueError, match=r"Expected .*Received: an archive without"):
        list(READERS[name](publish(other)))


BUILDERS = {
    "hapt": Hapt,
    "uci_har": UciHar,
    "spsw_har": SpSwHar,
    "spsw_har_phone": SpSwHarPhone,
    "spsw_har_watch": SpSwHarWatch,
    "wisdm_phone": WisdmPhone,
    "wisdm_watch": WisdmWatch,
    "pamap2": Pamap2,
    "motion_sense": MotionSense,
}


@pytest.mark.parametrize("name", sorted(BUILDERS))
def test_builders_state_their_source(tmp_path, name):
    kind, known = BUILDERS[name], data_set(name)
    assert kind.data_set_name == name
    assert len(kind.channels) == len(set(kind.channels)) == len(kind.units)
    assert kind.archive_url.startswith("https://")
    info = kind(archive=tmp_path / "not there yet.zip", data_dir=tmp_path).info
    assert (info.homepage, info.redistribution_info.license) == (known.url, known.licence)
    assert known.placement in info.description
    assert f"{kind.channels[0]} ({kind.units[0]})" in info.description


def test_phone_and_watch_are_downloaded_once(publish, tmp_path, monkeypatch):
    archive = publish("wisdm")
    monkeypatch.setattr(WisdmPhone, "archive_url", archive.as_uri())
    assert len(load_windows("wisdm_phone", cache=tmp_path / "cache")) == 8
    archive.unlink()
    assert len(load_windows("wisdm_watch", cache=tmp_path / "cache")) == 8


# --- UCI-HAR ---

UCI_HAR_TEST = ["02", "04", "09", "10", "12", "13", "18", "20", "24"]


def test_uci_har_gives_back_the_publishers_windows(publish, tmp_path):
    found = load_windows("uci_har", archive=publish("uci_har"), cache=tmp_path)
    sides = [publishers.uci_har_windows(side) for side in ("train", "test")]
    for part, ours in ((0, found.windows), (1, found.subjects.astype(int)), (2, found.labels + 1)):
        np.testing.assert_array_equal(ours, np.concatenate([side[part] for side in sides]))


def test_uci_har_recordings_are_stitched(publish):
    recordings = list(read_uci_har(publish("uci_har")))
    # The two stretches of subject 1 sitting don't overlap, so they stay two.
    assert [len(one.signal) // 64 - 1 for one in recordings] == [3, 2, 2, 4, 3, 1] + [1] * 8
    assert [one.subject for one in recordings] == ["01", "01", "01", "03", "02", "02", *UCI_HAR_TEST[1:]]
    assert recordings[0].channels[0] == "body_acceleration_x"
    assert recordings[0].units == ("g",) * 3 + ("rad/s",) * 3 + ("g",) * 3


def test_uci_har_splits_by_the_publishers_test_subjects(publish, tmp_path):
    split = load_split("uci_har", archive=publish("uci_har"), cache=tmp_path)
    assert sorted(set(split.test.subjects.tolist())) == UCI_HAR_TEST
    assert split.test.class_counts()["laying"] == 1


# --- SP-SW-HAR ---


@pytest.fixture(scope="module")
def real_executions(spsw_har_archive):
    return list(read_spsw_har(spsw_har_archive))


def test_real_spsw_har(real_executions):
    recordings = real_executions
    assert len(recordings) == 223
    assert {one.subject for one in recordings} == set(data_set("spsw_har").subjects)
    labels = {segment.label for one in recordings for segment in one.segments}
    assert labels == set(data_set("spsw_har").class_names)
    phone, watch = (np.concatenate([one.signal[:, start : start + 3] for one in recordings]) for start in (0, 6))
    for device in (phone, watch):
        assert np.median(np.linalg.norm(device, axis=1)) == pytest.approx(9.8, abs=0.3)  # m/s2


def test_real_spsw_har_phone_and_watch_move_together(real_executions):
    """The norms of both agree better at the same time than 0.2 s beside it."""
    agreement = dict.fromkeys((-10, -5, 0, 5, 10), 0.0)
    for recording in real_executions:
        phone, watch = (np.linalg.norm(recording.signal[:, start : start + 3], axis=1) for start in (0, 6))
        middle = slice(20, len(phone) - 20)
        for shift in agreement:
            agreement[shift] += np.corrcoef(phone[middle], np.roll(watch, shift)[middle])[0, 1]
    assert max(agreement, key=lambda shift: agreement[shift]) in (-5, 0, 5)


def test_spsw_har_labels_follow_the_stamps(publish):
    recording = next(read_spsw_har(publish("spsw_har")))
    assert [segment.label for segment in recording.segments] == ["seated", "walking"]
    assert recording.segments[0].stop == pytest.approx(100, abs=1)
    assert len(recording.signal) == pytest.approx(200, abs=2)
    times = np.arange(len(recording.signal)) / 50
    for channel in (2, 8):  # both saw the same 2 Hz sine, whatever their stamps
        wave = recording.signal[20:-20, channel] - 9.81
        wanted = np.sin(2 * np.pi * 2 * times[20:-20])
        assert np.corrcoef(wave, wanted)[0, 1] > 0.95


SPSW = "sp-sw-har-dataset/DATA/s01/s01_01_sp.csv"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({SPSW: None}, "Expected s01_01_sp.csv"),
        ({SPSW: "x,y\n1,2\n"}, r"Expected the header 'x_acc.* in .*s01_01_sp.csv .*Received: 'x,y'"),
        ({SPSW: publishers.SPSW_HAR_HEADER}, "empty file"),
        ({SPSW: publishers.SPSW_HAR_HEADER + "1,2,3,4,5,6,7,A\n1,2,3,4,5,nan,8,A\n"}, "s01_01_sp.csv line 3 "),
        (
            {SPSW: publishers.SPSW_HAR_HEADER + "1,2,3,4,5,6,0,A\n1,2,3,4,5,6,9000,A\n"},
            "without a gap. Received: 0 pieces",
        ),
    ],
)
def test_broken_spsw_har(publish, changes, message):
    with pytest.raises(ValueError, match=message):
        list(read_spsw_har(publish("spsw_har", changes)))


# --- WISDM ---

ACCEL = "wisdm-dataset/raw/phone/accel/data_1600_accel_phone.txt"


def wisdm(publish, text):
    return list(read_wisdm(publish("wisdm", {ACCEL: text}), "phone"))


@pytest.mark.parametrize("device", ["phone", "watch"])
def test_wisdm_sensors_are_put_on_one_clock(publish, device):
    recordings = list(read_wisdm(publish("wisdm"), device))
    assert [one.recording_id for one in recordings] == [
        f"{subject}_{device}_{code}_0" for subject in (1600, 1601) for code in "AD"
    ]
    assert [one.segments[0].label for one in recordings] == ["walking", "sitting"] * 2
    for one in recordings:
        times = 0.013 + np.arange(len(one.signal)) / 20
        wanted = np.sin(2 * np.pi * times)
        np.testing.assert_allclose(one.signal[10:-10, 0], wanted[10:-10], atol=0.01)  # accelerometer
        np.testing.assert_allclose(one.signal[10:-10, 3], wanted[10:-10], atol=0.01)  # gyroscope
        assert one.signal[:, 1].mean() == pytest.approx(9.8, abs=0.1)


def test_wisdm_activity_of_one_sensor_only_is_left_out(publish):
    recordings = wisdm(publish, publishers.wisdm_lines(1600, "A", 0, 25, 20))
    assert [one.recording_id for one in recordings] == ["1600_phone_A_0", "1601_phone_A_0", "1601_phone_D_0"]


def test_wisdm_splits_at_gaps(publish):
    text = publishers.wisdm_lines(1600, "A", 0, 10, 20) + publishers.wisdm_lines(1600, "A", 12, 10, 20)
    recordings = wisdm(publish, text)
    assert [one.recording_id for one in recordings[:2]] == ["1600_phone_A_0", "1600_phone_A_1"]


def test_wisdm_repeated_times_are_left_out_with_a_warning(publish):
    line = publishers.wisdm_lines(1600, "A", 0, 25, 20)
    with pytest.warns(UserWarning, match=r"Left out samples 501 to 1000 in .*data_1600_accel_phone.txt"):
        recordings = wisdm(publish, line + line)
    assert len(recordings) == 3


def test_the_warning_survives_the_builder(publish, tmp_path):
    line = publishers.wisdm_lines(1600, "A", 0, 25, 20)
    with pytest.warns(UserWarning, match="Left out samples 501 to 1000"):
        load_windows("wisdm_phone", archive=publish("wisdm", {ACCEL: line + line}), cache=tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1600,A,1,1,2,3;\n1600,A,2,1,2;\n", "data_1600_accel_phone.txt line 2 .*'1600,A,2,1,2'"),
        ("1600,A,1,1,2,3;\n\n1600,A,2,1,2,3;1600,A,3,1,2,3;\n", "line 3 "),
        ("1600,A,1,1,2,;\n", "line 1 "),
        ("1600,A,1,1,2,inf;\n", "line 1 "),
        ("1600,A,99999999999999999999,1,2,3;\n", "line 1 "),
        ("1600,N,1,1,2,3;\n", "'N' in sample 1"),
        ("1601,A,1,1,2,3;\n", "subject 1600"),
        ("", "empty file"),
    ],
)
def test_broken_wisdm(publish, text, message):
    with pytest.raises(ValueError, match=message):
        wisdm(publish, text)


def test_broken_wisdm_key(publish):
    with pytest.raises(ValueError, match=r"activity_key.txt line 1 .*'walking: A'"):
        list(read_wisdm(publish("wisdm", {"wisdm-dataset/activity_key.txt": "walking: A\n"}), "phone"))


# --- PAMAP2 ---


def test_pamap2_recordings(publish):
    first, second, *_ = recordings = list(read_pamap2(publish("pamap2")))
    assert [one.recording_id for one in recordings] == [f"subject10{n}_{part}" for n in (1, 2) for part in (0, 1)]
    assert [(part.label, part.start, part.stop) for part in first.segments] == [
        ("lying", 0, 1000),
        ("walking", 2000, 2500),
    ]
    assert (len(first.signal), len(second.signal)) == (2500, 400)  # the ankle's lost second is between them
    rows = publishers.pamap2_rows(1)
    # ±16 g acceleration, gyroscope and magnetometer of each sensor, in the publisher's columns 5-7, 11-13, 14-16.
    used = [base + column - 1 for base in (0, 17, 34) for column in (5, 6, 7, 11, 12, 13, 14, 15, 16)]
    np.testing.assert_allclose(first.signal[:100], rows[:100, used], atol=1e-5)
    np.testing.assert_allclose(first.signal[200], rows[200, used], atol=1e-5)
    np.testing.assert_allclose(first.signal[101, :9], (rows[99] + (rows[103] - rows[99]) / 2)[used[:9]], atol=1e-5)
    assert first.channels[0] == "hand_acceleration_x"
    assert first.channels[-1] == "ankle_magnetic_field_z"
    assert set(first.units) == {"m/s2", "rad/s", "uT"}


DAT = "PAMAP2_Dataset/Protocol/subject101.dat"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1.0 1 " + "NaN " * 51, r"subject101.dat line 3001 "),
        ("1.0 1 " + "NaN " * 53, r"subject101.dat line 3001 "),
        ("1.0 1 " + "inf " * 52, r"subject101.dat line 3001 "),
        ("NaN 1 " + "1 " * 52, r"finite time stamps.*subject101.dat"),
        ("1.0 1 " + "1 " * 52, r"never fall.* row 3000 .*subject101.dat"),
        ("99.0 9 " + "1 " * 52, r"Received: 9 in sample 3001"),
    ],
)
def test_broken_pamap2(publish, line, message):
    text = publishers.pamap2_text(publishers.pamap2_rows(1)) + line + "\n"
    with pytest.raises(ValueError, match=message):
        list(read_pamap2(publish("pamap2", {DAT: text})))


# --- MotionSense ---


def test_motion_sense_recordings(publish):
    recordings = {one.recording_id: one for one in read_motion_sense(publish("motion_sense"))}
    assert sorted(recordings) == ["dws_1_sub_1", "jog_16_sub_2", "sit_5_sub_24", "wlk_7_sub_1"]
    walk = recordings["wlk_7_sub_1"]
    values = publishers.motion_sense_values(1)
    np.testing.assert_allclose(walk.signal[:, :3], values[:, 9:], atol=1e-6)
    np.testing.assert_allclose(walk.signal[:, 3:6], values[:, 6:9], atol=1e-6)
    np.testing.assert_allclose(walk.signal[:, 6:], values[:, 9:] + values[:, 3:6], atol=1e-5)
    assert walk.subject == "01"
    assert [(part.label, part.start, part.stop) for part in walk.segments] == [("walking", 0, 300)]


def test_broken_motion_sense(publish):
    name = "A_DeviceMotion_data/wlk_7/sub_1.csv"
    text = publishers.motion_sense_text(publishers.motion_sense_values(1))
    lines = text.splitlines(keepends=True)
    for broken, message in (
        (text.replace("gravity.x", "gravity.q"), "Expected the header"),
        ("".join(lines[:10] + lines[12:]), "counted one by one in .*sub_1.csv.*Received: 11 after 8"),
        (text + "300,1,2\n", "sub_1.csv line 302 "),
    ):
        with pytest.raises(ValueError, match=message):
            list(read_motion_sense(publish("motion_sense", {name: broken})))


# --- mutations ---


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("name", sorted(READERS))
@pytest.mark.filterwarnings("ignore:Left out samples")
@given(data=st.data())
def test_mutated_text_is_read_or_refused(publish, name, data):
    """A stray character, a lost or a doubled line: data that still make sense, or an error that names the archive."""
    members, _ = publishers.PUBLISHERS[name]()
    texts = sorted(member for member, content in members.items() if isinstance(content, str) and content)
    member = data.draw(st.sampled_from(texts))
    lines = str(members[member]).splitlines(keepends=True)
    number = data.draw(st.integers(0, len(lines) - 1))
    line = lines[number]
    position = data.draw(st.integers(0, len(line)))
    stray = data.draw(
        st.sampled_from(["", "x", "-", "e", "9", "1e999", "nan", ",", ";", " ", "\n", "\x00", "ÿ", "0" * 30])
    )
    lines[number] = data.draw(st.sampled_from([line[:position] + stray + line[position + 1 :], "", line * 2]))
    archive = publish(name, {member: "".join(lines)})
    try:
        for recording in READERS[name](archive):
            assert np.isfinite(recording.signal).all()
    except ValueError as error:
        assert str(archive) in str(error)  # noqa: PT017 - either outcome is right
