from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerashar.data import Recording, Segment, WindowSet, data_set
from kerashar.data.gravity import separate_gravity
from kerashar.data.quality import Problem, check_signal
from kerashar.data.quality.checks import check_recording
from kerashar.data.quality.checks.comparison import copied_recordings, odd_bands, odd_tempos, turned_axes
from kerashar.data.quality.checks.copies import copied_windows
from kerashar.data.quality.checks.labels import imbalance, missing_classes, subjects_without_a_class, unused_time
from kerashar.data.quality.checks.outliers import outlying_subjects
from kerashar.data.quality.checks.parts import runs, triads
from kerashar.data.quality.drift import channel_drift, drifting_channels
from kerashar.data.quality.recording_facts import RecordingFacts

pytestmark = pytest.mark.once
RATE = 50.0
CHANNELS = tuple(f"{kind}_{axis}" for kind in ("acceleration", "angular_rate") for axis in "xyz")
UNITS = ("g",) * 3 + ("rad/s",) * 3
HALF = 1500  # samples of each activity


def walk(seed: int = 0, *, subject: str = "01", cadence: float = 1.9, step: float = 1 / 1024) -> Recording:
    """Half a minute of walking and half a minute of sitting, as a phone with coarse steps measures them."""
    random = np.random.default_rng(seed)
    times = np.arange(HALF) / RATE
    phases = 2 * np.pi * (cadence * times[:, None] + random.random(6))
    moving = 0.25 * np.sin(phases) + 0.1 * np.sin(2 * phases + 1) + 0.05 * np.sin(3 * phases + 2)
    still = np.zeros((HALF, 6))
    signal = np.concatenate([moving, still]) + 0.01 * random.normal(size=(2 * HALF, 6))
    signal[:HALF, :3] += [0.95, -0.2, 0.1]
    signal[HALF:, :3] += [0.6, 0.2, 0.77]
    signal = step * np.round(signal / step)
    parts = (Segment("walking", 0, HALF), Segment("sitting", HALF, 2 * HALF))
    return Recording(signal, RATE, CHANNELS, UNITS, subject, f"walk-{seed}", parts)


def changed(recording: Recording, rows: slice, column: int | slice, values: object) -> Recording:
    signal = recording.signal.copy()
    signal[rows, column] = values
    return replace(recording, signal=signal)


def found(problems: list[Problem]) -> list[tuple[str, str, str | None, int | None]]:
    return [(problem.severity, problem.kind, problem.channel, problem.sample) for problem in problems]


@pytest.mark.parametrize("seed", range(3))
def test_clean_walk_has_no_problem(seed):
    assert check_recording(walk(seed)) == []
    assert check_recording(separate_gravity(walk(seed))) == []
    assert check_signal(walk(seed).signal, RATE, CHANNELS, UNITS, np.arange(2 * HALF) / RATE) == []


def test_problem_says_where():
    silent = changed(walk(4, subject="07"), slice(200, 330), 4, 0.5)
    (problem,) = check_recording(silent)
    assert (problem.kind, problem.recording, problem.subject) == ("flat stretch", "walk-4", "07")
    assert (problem.channel, problem.sample, problem.seconds) == ("angular_rate_y", 200, 4.0)
    assert "2.60 s" in problem.text
    assert problem.to_json()["seconds"] == 4.0


def test_flat_and_silent_channels():
    assert found(check_recording(changed(walk(), slice(200, 240), 1, 0.5))) == []  # 0.8 s
    assert found(check_recording(changed(walk(), slice(200, 900), 1, 0.5))) == [
        ("error", "flat stretch", "acceleration_y", 200)
    ]
    assert found(check_recording(changed(walk(), slice(None), 5, 0.0))) == [
        ("error", "silent channel", "angular_rate_z", 0)
    ]
    frozen = changed(walk(), slice(300, 400), slice(None), walk().signal[300])
    assert ("warning", "frozen stretch", None, 300) in found(check_recording(frozen))


def test_saturation():
    recording = walk()
    clipped = np.clip(recording.signal[:, 3], -10.0, 0.1)
    first = int(np.flatnonzero(clipped == clipped.max())[0])
    (problem,) = check_recording(changed(recording, slice(None), 3, clipped))
    assert found([problem]) == [("error", "saturation", "angular_rate_x", first)]
    assert "highest value 0.1" in problem.text
    assert "lowest" not in problem.text


def test_spikes():
    spiky = changed(walk(), slice(700, 701), 2, 6.0)
    spiky = changed(spiky, slice(2000, 2001), 2, -6.0)
    (problem,) = check_recording(spiky)
    assert found([problem]) == [("warning", "spike", "acceleration_z", 700)]
    assert problem.text.startswith("2 samples out")


def test_repeated_samples():
    held = walk().signal.copy()
    held[1::2, 3:] = held[::2, 3:]
    (problem,) = check_recording(replace(walk(), signal=held))
    assert (problem.severity, problem.kind, problem.channel) == ("error", "repeated samples", "angular_rate")
    assert "about 25 Hz, not at 50 Hz" in problem.text


@pytest.mark.parametrize(("factor", "slow"), [(2, "25 Hz"), (4, "12.5 Hz")])
def test_interpolated_samples(factor, slow):
    signal = walk(step=1e-4).signal.astype(np.float64)
    rows = np.arange(len(signal) - factor + 1)
    straight = np.stack([np.interp(rows, rows[::factor], one[rows[::factor]]) for one in signal.T], axis=1)
    problems = check_recording(replace(walk(), signal=straight, segments=()))
    assert {problem.kind for problem in problems} == {"interpolated samples"}
    assert all(slow in problem.text for problem in problems)


def test_narrow_band_after_resampling():
    from scipy.signal import resample

    slow = walk(step=1e-6)
    smooth = resample(resample(slow.signal, HALF // 2 * 2, axis=0), 2 * HALF, axis=0)
    padded = RecordingFacts.of(replace(slow, signal=smooth))
    problems = odd_bands([RecordingFacts.of(walk(seed)) for seed in range(4)] + [padded])
    assert ("warning", "odd band", "acceleration", None) in found(problems)
    assert ("note", "narrow band", "acceleration", None) in found(problems)
    assert odd_bands([RecordingFacts.of(walk(seed)) for seed in range(4)]) == []


@pytest.mark.parametrize(
    ("unit", "factor", "kind"),
    [("g", 9.80665, "wrong unit"), ("m/s2", 1.0, "wrong unit"), ("g", 1000.0, "wrong unit"), ("g", 2.0, "wrong scale")],
)
def test_gravity_contradicts_the_unit(unit, factor, kind):
    signal = walk().signal * np.float32([factor] * 3 + [1] * 3)
    (problem,) = check_recording(replace(walk(), signal=signal, units=(unit,) * 3 + UNITS[3:]))
    assert (problem.kind, problem.channel) == (kind, "acceleration")


def test_gravity_is_not_looked_for_in_body_acceleration():
    recording = walk()
    bare = recording.signal.copy()
    bare[:, :3] -= np.concatenate([np.tile([0.95, -0.2, 0.1], (HALF, 1)), np.tile([0.6, 0.2, 0.77], (HALF, 1))])
    assert [problem.kind for problem in check_recording(replace(recording, signal=bare))] == ["no gravity"]
    named = tuple(channel.replace("acceleration", "body_acceleration") for channel in CHANNELS)
    assert check_recording(replace(recording, signal=bare, channels=named)) == []
    in_metres = replace(recording, signal=recording.signal * np.float32([9.80665] * 3 + [1] * 3))
    assert check_recording(replace(in_metres, units=("m/s2",) * 3 + UNITS[3:])) == []


@pytest.mark.parametrize(
    ("order", "signs", "text"),
    [((1, 0, 2), (1, 1, 1), "taking y as x, x as y"), ((0, 1, 2), (-1, -1, 1), "taking -x as x, -y as y")],
)
def test_turned_axes(order, signs, text):
    facts = [RecordingFacts.of(walk(seed, subject=f"{seed:02}")) for seed in range(8)]
    assert turned_axes(facts) == []
    turned = walk(9, subject="09")
    signal = turned.signal.copy()
    signal[:, :3] = signal[:, order] * np.float32(signs)
    (problem,) = turned_axes([*facts, RecordingFacts.of(replace(turned, signal=signal))])
    assert (problem.severity, problem.recording, problem.subject) == ("warning", "walk-9", "09")
    assert text in problem.text


def test_lying_on_the_other_side_is_not_turned():
    def lying(seed: int, side: float) -> Recording:
        recording = walk(seed)
        signal = np.concatenate([recording.signal, recording.signal[HALF:]])
        signal[2 * HALF :, :3] += np.float32([-0.6, 0.8 * side - 0.2, -0.77])
        return replace(recording, signal=signal, segments=(*recording.segments, Segment("laying", 2 * HALF, 3 * HALF)))

    assert turned_axes([RecordingFacts.of(lying(seed, -1.0 if seed == 8 else 1.0)) for seed in range(9)]) == []


def test_odd_tempo():
    facts = [RecordingFacts.of(walk(seed, cadence=1.7 + seed / 20)) for seed in range(6)]
    assert odd_tempos(facts) == []
    (problem,) = odd_tempos([*facts, RecordingFacts.of(walk(9, cadence=4.0))])
    assert (problem.recording, problem.severity) == ("walk-9", "warning")


def test_copied_recording():
    facts = [RecordingFacts.of(walk(seed)) for seed in range(3)]
    copy = RecordingFacts.of(replace(walk(1), recording_id="other", subject="02"))
    (problem,) = copied_recordings([*facts, copy])
    assert (problem.recording, problem.subject, problem.severity) == ("other", "02", "error")
    assert "walk-1" in problem.text


def test_labels_that_are_short_or_absent():
    facts = [RecordingFacts.of(walk(seed)) for seed in range(2)]
    assert unused_time(facts, ["walking", "sitting"], 2.56) == []
    short = replace(walk(5), segments=(Segment("walking", 0, 1000), Segment("sitting", 1600, 1700)))
    short_one, unlabelled = unused_time([RecordingFacts.of(short)], ["walking", "sitting"], 2.56)
    assert (short_one.kind, short_one.sample) == ("short segments", 1600)
    assert "1 of 2 segments" in short_one.text
    assert "2.0 s are lost" in short_one.text
    assert (unlabelled.kind, unlabelled.severity) == ("unlabelled time", "note")
    assert unlabelled.text.startswith("Of 1.0 min, 63%")


@pytest.fixture
def window_set():
    """Twelve subjects, forty windows each of two classes."""
    random = np.random.default_rng(0)
    subjects = np.repeat([f"{number:02}" for number in range(12)], 40)
    levels = random.normal(size=12)
    windows = random.normal(size=(480, 64, 2)) + np.repeat(levels, 40)[:, None, None]
    return WindowSet(
        windows=windows,
        labels=np.tile([0, 1], 240),
        subjects=subjects,
        recordings=np.char.add("of-", subjects),
        starts=np.tile(np.arange(40) * 64, 12),
        rate=50.0,
        channels=("a", "b"),
        units=("g", "g"),
        class_names=("sitting", "walking"),
    )


def sides_of(windows: WindowSet) -> dict[str, np.ndarray]:
    test = np.isin(windows.subjects, ["09", "10", "11"])
    return {"train": ~test, "test": test}


def test_copied_windows(window_set):
    sides = sides_of(window_set)
    assert copied_windows(window_set, sides) == []
    values = window_set.windows.copy()
    values[405] = values[2]  # subject 10, in the test; another class
    values[410] = values[4] + 0.001 * np.random.default_rng(1).normal(size=values[4].shape)
    values[85] = values[81]  # the same subject and class
    problems = copied_windows(replace(window_set, windows=values), sides)
    assert [(problem.severity, problem.recording, problem.sample) for problem in problems] == [
        ("error", "of-10", 5 * 64),
        ("warning", "of-02", 5 * 64),
    ]
    assert "Copies of windows of of-00: 1 window exactly and 1 window nearly" in problems[0].text
    assert "train and test" in problems[0].text
    assert "1 have another label" in problems[0].text


def test_classes_that_are_missing_or_rare(window_set):
    sides = sides_of(window_set)
    assert missing_classes(window_set, sides) == []
    assert imbalance(window_set, sides) == []
    assert subjects_without_a_class(window_set) == []
    labels = np.where(sides["test"], 0, window_set.labels)
    (problem,) = missing_classes(replace(window_set, labels=labels), sides)
    assert (problem.severity, problem.kind) == ("error", "empty class")
    assert "walking on the side test" in problem.text
    lacking = subjects_without_a_class(replace(window_set, labels=labels))
    assert [problem.subject for problem in lacking] == ["09", "10", "11"]
    rare = np.zeros(480, dtype=np.int64)
    rare[:360:9] = 1
    (problem,) = imbalance(replace(window_set, labels=rare), sides)
    assert (problem.severity, problem.kind) == ("note", "imbalance")
    assert "8.0 times" in problem.text


def test_outlying_subject(window_set):
    assert outlying_subjects(window_set) == []
    values = window_set.windows.copy()
    values[window_set.subjects == "03", :, 1] *= 30
    problems = outlying_subjects(replace(window_set, windows=values))
    assert {(problem.subject, problem.channel) for problem in problems} == {("03", "b")}


def test_drift_needs_more_than_other_people(window_set):
    test = np.isin(window_set.subjects, ["08", "09", "10", "11"])
    drifts = channel_drift(window_set.select(~test), window_set.select(test))
    # Levels differ from person to person, so windows differ clearly between the sides, but not more than by chance.
    assert drifts[0].distance > 0.1
    assert drifting_channels(drifts) == []
    values = window_set.windows.copy()
    values[test, :, 1] += 5.0
    moved = replace(window_set, windows=values)
    drifts = channel_drift(moved.select(~test), moved.select(test))
    assert found(drifting_channels(drifts)) == [("warning", "drift", "b", None)]
    assert drifts == channel_drift(moved.select(~test), moved.select(test))
    assert [one.p_value for one in drifts] != [
        one.p_value for one in channel_drift(moved.select(~test), moved.select(test), seed=1)
    ]


def test_drift_is_rarely_found_where_there_is_none():
    """Whole subjects permuted: about 5 % of the data sets without drift get a drifting channel, not most."""
    alarms = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        subjects = np.repeat([f"{number:02}" for number in range(12)], 20)
        windows = WindowSet(
            windows=random.normal(size=(240, 4, 1)) + np.repeat(random.normal(size=12), 20)[:, None, None],
            labels=np.zeros(240, dtype=int),
            subjects=subjects,
            recordings=subjects,
            starts=np.arange(240),
            rate=50.0,
            channels=("a",),
            units=("g",),
            class_names=("sitting",),
        )
        test = np.isin(subjects, ["00", "01", "02", "03"])
        alarms += bool(drifting_channels(channel_drift(windows.select(~test), windows.select(test))))
    assert alarms <= 6  # a binomial of 40 and 0.05 exceeds 6 once in 300


def test_distance_is_scipys():
    from scipy.stats import wasserstein_distance

    random = np.random.default_rng(0)
    values = random.normal(size=200)
    values[100:] += 0.7
    windows = WindowSet(
        windows=np.repeat(values[:, None, None], 4, axis=1),
        labels=np.zeros(200, dtype=int),
        subjects=np.repeat(["a", "b"], 100),
        recordings=np.repeat(["a", "b"], 100),
        starts=np.arange(200),
        rate=1.0,
        channels=("a",),
        units=("g",),
        class_names=("sitting",),
    )
    level, movement = channel_drift(windows.select(np.arange(100)), windows.select(np.arange(100, 200)))
    assert level.distance == pytest.approx(wasserstein_distance(values[:100], values[100:]) / values.std(), rel=0.02)
    assert (movement.distance, movement.p_value) == (0.0, 1.0)


def test_missing_values_in_an_array():
    signal = walk().signal.astype(np.float64)
    signal[:10, 0] = np.nan
    signal[500:510, 1] = np.nan
    signal[600, 1] = np.inf
    signal[700, 2] += 6.0
    assert found(check_signal(signal, RATE, CHANNELS, UNITS)) == [
        ("error", "missing values", "acceleration_x", 0),
        ("error", "missing values", "acceleration_y", 500),
        ("warning", "spike", "acceleration_z", 700),
    ]
    signal[:, 3] = np.nan
    assert ("error", "missing values", "angular_rate_x", 0) in found(check_signal(signal, RATE, CHANNELS, UNITS))
    signal[:] = np.nan
    assert {problem.kind for problem in check_signal(signal, RATE, CHANNELS, UNITS)} == {"missing values"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda times: np.where(np.arange(len(times)) >= 800, times - 1.0, times), ("error", "time goes back", 800)),
        (lambda times: np.where(np.arange(len(times)) >= 800, times + 1.0, times), ("warning", "gap in time", 800)),
        (
            lambda times: np.where(np.arange(len(times)) == 800, times - 0.02, times),
            ("warning", "time stands still", 800),
        ),
        (lambda times: times * 2, ("error", "wrong rate", None)),
        (lambda times: np.where(np.arange(len(times)) % 2, times + 0.008, times), ("note", "unsteady time", None)),
        (lambda times: np.where(np.arange(len(times)) == 5, np.nan, times), ("error", "time stamps", None)),
    ],
)
def test_time_stamps(change, expected):
    times = change(np.arange(2 * HALF) / RATE)
    problems = check_signal(walk().signal, RATE, CHANNELS, UNITS, times)
    assert expected in [(problem.severity, problem.kind, problem.sample) for problem in problems]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.zeros(5), 50.0, ["a"], ["g"]), "signal"),
        ((np.zeros((5, 2)), 50.0, ["a"], ["g"]), "2 channels"),
        ((np.zeros((5, 1)), 0.0, ["a"], ["g"]), "rate"),
        ((np.zeros((5, 1)), 50.0, ["a"], ["g"], np.zeros(4)), "5 times"),
    ],
)
def test_arrays_that_cannot_be(arguments, message):
    with pytest.raises(ValueError, match=message):
        check_signal(*arguments)


@given(
    rows=st.integers(1, 60),
    columns=st.integers(1, 4),
    rate=st.floats(0.5, 1000),
    seed=st.integers(0, 1000),
    steps=st.sampled_from([0, 1, 3, 1000]),
)
@settings(max_examples=60, deadline=None)
def test_any_array_can_be_checked(rows, columns, rate, seed, steps):
    random = np.random.default_rng(seed)
    signal = random.integers(0, steps + 1, size=(rows, columns)).astype(float)
    signal[random.random(signal.shape) < 0.1] = np.nan
    names = ["a_x", "a_y", "a_z", "b"][:columns]
    for problem in check_signal(signal, rate, names, ["g"] * columns):
        assert problem.sample is None or 0 <= problem.sample < rows


def test_parts():
    assert triads(["b_y", "b_x", "aX", "aY", "aZ", "b_z", "c_x"]) == {"b": [1, 0, 5], "a": [2, 3, 4]}
    starts, stops = runs(np.array([True, True, False, True]))
    assert (starts.tolist(), stops.tolist()) == ([0, 3], [2, 4])


def test_real_recordings_are_not_accused(hapt_archive, hapt_cache):
    for recording in data_set("hapt").recordings(archive=hapt_archive, cache=hapt_cache):
        assert check_recording(recording) == []


def test_real_recording_with_planted_problems(hapt_archive, hapt_cache):
    recording = next(iter(data_set("hapt").recordings(archive=hapt_archive, cache=hapt_cache)))
    broken = changed(recording, slice(5000, 5100), 3, 0.25)
    broken = changed(broken, slice(9000, 9001), 8, 30.0)
    assert found(check_recording(broken)) == [
        ("warning", "flat stretch", "angular_rate_x", 5000),
        ("warning", "spike", "total_acceleration_z", 9000),
    ]
