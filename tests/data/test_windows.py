import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerashar.data import Recording, Segment, cut_windows

pytestmark = pytest.mark.once

LABELS = ("sitting", "walking", "transition")


@st.composite
def recordings(draw: st.DrawFn) -> list[Recording]:
    made = []
    for number in range(draw(st.integers(1, 3))):
        segments, position = [], 0
        for gap, length, label in draw(
            st.lists(st.tuples(st.integers(0, 9), st.integers(1, 60), st.sampled_from(LABELS)), max_size=5)
        ):
            segments.append(Segment(label, position + gap, position + gap + length))
            position += gap + length
        time = position + draw(st.integers(1, 5))
        signal = np.stack([np.arange(time) + 1000 * number, -np.arange(time)], axis=1)
        made.append(Recording(signal, 10.0, ("x", "y"), ("g", "g"), f"{number % 2:02}", f"r{number}", tuple(segments)))
    return made


def naive(made, length, stride):
    """Start by start, as one would write it first."""
    rows = []
    for recording in made:
        for segment in recording.segments:
            start = segment.start
            while start + length <= segment.stop:
                if segment.label != "transition":
                    window = recording.signal[start : start + length]
                    rows.append((recording, segment, start, window))
                start += stride
    return rows


@settings(max_examples=80, deadline=None)
@given(recordings(), st.integers(1, 20), st.sampled_from([0.0, 0.25, 0.5, 0.9]))
def test_equals_the_naive_loop(made, length, overlap):
    stride = max(1, round(length * (1 - overlap)))
    expected = naive(made, length, stride)
    arguments = {"class_names": LABELS[:2], "drop": LABELS[2:], "seconds": length / 10, "overlap": overlap}
    if not expected:
        with pytest.raises(ValueError, match="labelled segment as long"):
            cut_windows(made, **arguments)
        return
    found = cut_windows(made, **arguments)
    assert len(found) == len(expected)
    np.testing.assert_array_equal(found.windows, [window for *_, window in expected])
    assert found.starts.tolist() == [start for _, _, start, _ in expected]
    assert found.recordings.tolist() == [recording.recording_id for recording, *_ in expected]
    assert found.subjects.tolist() == [recording.subject for recording, *_ in expected]
    assert found.labels.tolist() == [LABELS.index(segment.label) for _, segment, *_ in expected]


@settings(max_examples=40, deadline=None)
@given(recordings(), st.integers(1, 20))
def test_windows_lie_inside_a_segment_and_on_its_stride(made, length):
    try:
        found = cut_windows(made, class_names=LABELS, seconds=length / 10, overlap=0.5)
    except ValueError:
        return
    by_name = {recording.recording_id: recording for recording in made}
    stride = max(1, round(length * 0.5))
    for name, start, label in zip(found.recordings, found.starts, found.labels, strict=True):
        inside = [
            segment
            for segment in by_name[str(name)].segments
            if segment.start <= start and start + length <= segment.stop
        ]
        assert len(inside) == 1
        assert inside[0].label == LABELS[label]
        assert (start - inside[0].start) % stride == 0


def test_windows_are_a_copy(make_recording):
    recording = make_recording()
    found = cut_windows([recording], seconds=0.4, class_names=["walking"])
    found.windows[:] = 0
    assert recording.signal[20:30].all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"overlap": 1.0}, "0 <= overlap < 1"),
        ({"overlap": -0.1}, "0 <= overlap < 1"),
        ({"seconds": 0.001}, "a sample or more"),
        ({"seconds": 0.0}, "seconds above 0. Received: seconds=0.0"),
        ({"seconds": float("nan")}, "seconds above 0"),
        ({"seconds": float("inf")}, "seconds above 0"),
        ({"seconds": 60.0}, "segment as long as a window"),
        ({"class_names": "walking"}, "list of class names"),
        (
            {"class_names": ["sitting"]},
            "Received: 'walking' in recording 'a'. Add it to class_names or to drop",
        ),
    ],
)
def test_refuses(make_recording, arguments, message):
    with pytest.raises(ValueError, match=message):
        cut_windows([make_recording()], **{"class_names": ["walking"], **arguments})


def test_refuses_recordings_that_differ(make_recording):
    first, second = make_recording(name="a"), make_recording(name="b")
    for change, message in (
        ({"rate": 25.0}, "same rate.*50.0 in 'a' and 25.0 in 'b'"),
        ({"channels": ("x", "z")}, "same channels"),
        ({"units": ("g", "m/s2")}, "same units"),
        ({"recording_id": "a"}, "'a' twice"),
    ):
        with pytest.raises(ValueError, match=message):
            cut_windows([first, replace(second, **change)], class_names=["walking"])


def test_refuses_no_recordings():
    with pytest.raises(ValueError, match="recordings without one"):
        cut_windows([], class_names=["walking"])


# --- purity ---


@settings(max_examples=80, deadline=None)
@given(recordings(), st.integers(2, 20), st.sampled_from([0.55, 0.75, 1.0]), st.sampled_from(["drop", "keep", "class"]))
def test_purity_equals_the_naive_loop(made, length, purity, transitions):
    rows = []
    for recording in made:
        labels = np.full(len(recording.signal), "", dtype=object)
        for segment in recording.segments:
            labels[segment.start : segment.stop] = segment.label
        for start in range(0, len(labels) - length + 1, max(1, round(length * 0.5))):
            counts = [int((labels[start : start + length] == label).sum()) for label in LABELS[:2]]
            enough = round(purity * length)
            if max(counts) >= enough:
                rows.append((recording.recording_id, start, int(np.argmax(counts))))
            elif sum(counts) >= enough and transitions != "drop":
                rows.append((recording.recording_id, start, 2 if transitions == "class" else int(np.argmax(counts))))
    arguments = {
        "class_names": LABELS if transitions == "class" else LABELS[:2],
        "rename": {"transition": "nothing"},
        "drop": ["nothing"],
        "seconds": length / 10,
        "purity": purity,
        "transitions": transitions,
    }
    if not rows:
        with pytest.raises(ValueError, match="labelled segment"):
            cut_windows(made, **arguments)
        return
    found = cut_windows(made, **arguments)
    assert list(zip(found.recordings.tolist(), found.starts.tolist(), found.labels.tolist(), strict=True)) == rows


def test_renamed_labels_become_one_class(make_recording):
    made = [make_recording(name="a", label="stand_to_sit"), make_recording(name="b", label="sit_to_stand")]
    rename = {"stand_to_sit": "transition", "sit_to_stand": "transition"}
    found = cut_windows(made, seconds=0.4, class_names=["walking", "transition"], rename=rename)
    assert set(found.labels.tolist()) == {1}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"purity": 0.5}, "0.5 < purity <= 1, or None. Received: purity=0.5"),
        ({"transitions": "keep"}, "a purity with transitions='keep'"),
        ({"purity": 0.8, "transitions": "class"}, "'transition' among the class names"),
        ({"purity": 0.8, "transitions": "merge"}, "Received: 'merge'"),
    ],
)
def test_purity_refuses(make_recording, arguments, message):
    with pytest.raises(ValueError, match=message):
        cut_windows([make_recording()], class_names=["walking"], **arguments)


# --- windows in a file ---


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=recordings(), chunk=st.sampled_from([1, 200, 2**25]))
def test_windows_in_a_file_are_the_same(made, chunk, tmp_path, monkeypatch):
    monkeypatch.setattr("kerashar.data.windows._CHUNK", chunk)
    file = tmp_path / "windows.npy"
    try:
        expected = cut_windows(made, class_names=LABELS, seconds=0.5)
    except ValueError:
        with pytest.raises(ValueError, match="labelled segment"):
            cut_windows(iter(made), class_names=LABELS, seconds=0.5, file=tmp_path / "none.npy")
        assert not (tmp_path / "none.npy").exists()
        return
    found = cut_windows(iter(made), class_names=LABELS, seconds=0.5, file=file)
    assert found.fingerprint() == expected.fingerprint()
    assert found.starts.tolist() == expected.starts.tolist()
    np.testing.assert_array_equal(np.load(file), expected.windows)


def test_recordings_are_forgotten_once_they_are_in_the_file(make_recording, tmp_path):
    alive = []

    def stream():
        for name in "abcdef":
            recording = make_recording(name=name)
            alive.append(weakref.ref(recording.signal))
            yield recording
            del recording
            gc.collect()
            assert sum(reference() is not None for reference in alive) <= 2

    assert len(cut_windows(stream(), seconds=0.4, class_names=["walking"], file=tmp_path / "windows.npy")) == 6 * 17
