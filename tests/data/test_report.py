import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kerashar.cli.data_report import report as report_command
from kerashar.data import DataSet, Recording, Segment, data_set
from kerashar.data.images import DecodeReport, ImageSet
from kerashar.data.quality import QualityReport, image_quality_report, quality_report
from kerashar.data.quality.page import render
from tests.pages import Page

pytestmark = pytest.mark.once


EXERCISES = ("pendulum", "bent_over_row")


def small_watch(change: Callable[[Recording], Recording] = lambda recording: recording) -> DataSet:
    """The watch recordings of two exercises of all subjects, changed."""
    known = data_set("watch")

    def recordings(archive: object = None, cache: object = None) -> Iterator[Recording]:
        return (change(one) for one in known.recordings() if one.segments[0].label in EXERCISES)

    return replace(known, name="small", class_names=EXERCISES, recordings=recordings)


def crowd() -> DataSet:
    """Sixty subjects, measured by one channel of noise."""
    random = np.random.default_rng(0)
    parts = (Segment("lifting", 0, 150), Segment("resting", 150, 300))
    recordings = [
        Recording(random.normal(size=(300, 1)), 50.0, ("load",), ("N",), f"{number:02}", f"of-{number:02}", parts)
        for number in range(60)
    ]
    return replace(
        data_set("watch"),
        name="crowd",
        class_names=("lifting", "resting"),
        subjects=tuple(one.subject for one in recordings),
        test_subjects=("00", "01", "02"),
        recordings=lambda archive, cache: iter(recordings),
    )


@pytest.fixture(scope="module")
def hapt_report(hapt_archive, hapt_cache) -> QualityReport:
    return quality_report("hapt", archive=hapt_archive, cache=hapt_cache)


@pytest.fixture(scope="module")
def hapt_page(hapt_report) -> Page:
    return Page(render(hapt_report))


def test_hapt_is_not_accused(hapt_report):
    assert hapt_report.counts()["error"] == hapt_report.counts()["warning"] == 0
    assert hapt_report.verdict == "Fit to train on. Some things are good to know."
    (sides,) = [table for table in hapt_report.tables if table.title == "Sides and classes"]
    assert [(row["side"], row["subjects"], row["windows"]) for row in sides.rows] == [
        ("train", 17, 5952),
        ("validation", 4, 1463),
        ("test", 9, 2996),
    ]
    (subjects,) = [table for table in hapt_report.tables if table.title == "Subjects and classes"]
    assert len(subjects.rows) == 30
    assert sum(int(str(row["laying"])) for row in subjects.rows) == 1958
    assert 0.97 < float(str(sides.rows[2]["seconds"])) / 4164 < 1.03


def test_page_has_the_numbers_of_the_data(hapt_report, hapt_page):
    data = json.loads(json.dumps(hapt_report.to_json()))
    titled = dict(zip(data["tables"], hapt_page.tables[-len(data["tables"]) :], strict=True))
    for title, rows in data["tables"].items():
        head, *cells = titled[title]
        assert [name.replace("_", " ") for name in rows[0]] == head
        for row, shown in zip(rows, cells, strict=True):
            for value, text in zip(row.values(), shown, strict=True):
                assert (float(text) if isinstance(value, int | float) else text) == value
    assert data["verdict"] in "".join(hapt_page.text)
    for check in data["checks"]:
        assert check in hapt_page.text


def test_page_needs_no_network_and_can_be_read_aloud(hapt_page):
    tags = [tag for tag, _ in hapt_page.tags]
    for landmark in ("header", "nav", "main", "footer"):
        assert tags.count(landmark) == 1
    assert tags.count("h1") == 1
    assert "script" not in tags
    assert "link" not in tags
    for tag, attributes in hapt_page.tags:
        for name, value in attributes.items():
            if name in ("src", "href", "xlink:href", "data", "srcset", "style"):
                assert "//" not in (value or "")
                assert name == "style" or str(value).startswith(("#", "data:"))
        if tag == "svg":
            assert attributes["role"] == "img"
            assert len(attributes["aria-label"] or "") > 30
        if tag == "img":
            assert len(attributes["alt"] or "") > 30
    assert tags.count("svg") >= 6
    assert tags.count("path") > 300
    names = [attributes["id"] for _, attributes in hapt_page.tags if "id" in attributes]
    assert len(names) == len(set(names))
    targets = {attributes["href"] for tag, attributes in hapt_page.tags if tag == "a"}
    assert {str(target)[1:] for target in targets} <= set(names)
    (style,) = [text for text in hapt_page.text if "prefers-color-scheme" in text]
    assert "url(" not in style
    assert "@import" not in style


def test_same_seed_same_files(tmp_path):
    first, second, other = (quality_report(crowd(), seed=seed) for seed in (0, 0, 1))
    paths = [made.write(tmp_path / name) for made, name in ((first, "a"), (second, "b"), (other, "c"))]
    for one, two in zip(paths[0], paths[1], strict=True):
        assert one.read_bytes() == two.read_bytes()
    assert paths[0][1].read_bytes() != paths[2][1].read_bytes()
    assert json.loads(paths[0][1].read_text()) == first.to_json()


def test_planted_problems_come_first(tmp_path):
    def change(recording: Recording) -> Recording:
        signal = recording.signal.copy()
        if recording.subject == "02":
            signal[:, :3] *= 9.80665
        if recording.recording_id == "subject06_left_row":
            signal[100:300, 4] = signal[100, 4]
            return replace(recording, signal=signal, recording_id="<b>subject06</b>")
        return replace(recording, signal=signal)

    made = quality_report(small_watch(change))
    assert made.verdict.startswith("Not fit to train on yet. Fix first: ")
    assert "wrong unit (4)" in made.verdict
    assert {problem.subject for problem in made.problems if problem.kind == "wrong unit"} == {"02"}
    flat = [problem for problem in made.problems if problem.kind == "flat stretch"]
    assert [(problem.recording, problem.channel, problem.sample) for problem in flat] == [
        ("<b>subject06</b>", "angular_rate_y", 100)
    ]
    assert [problem.severity for problem in made.problems] == sorted(
        (problem.severity for problem in made.problems), key=["error", "warning", "note"].index
    )
    page = Page(made.write(tmp_path)[0].read_text(encoding="utf-8"))
    assert "b" not in [tag for tag, _ in page.tags]
    assert any("<b>subject06</b>" in cell for table in page.tables for row in table for cell in row)


def test_hapt_is_looked_at_before_it_is_filtered(hapt_report):
    """The phone's ranges are 2 g and 10 rad/s; once filtered, nothing shows that one person went beyond."""
    clipped = {problem.channel: problem for problem in hapt_report.by_kind()["saturation"]}
    assert len({problem.recording for problem in clipped.values()}) == 1
    assert "-2.0" in clipped["acceleration_y"].text
    assert "10.0" in clipped["angular_rate_z"].text
    assert hapt_report.facts["Channels"].startswith("body_acceleration_x")


def test_what_a_filter_hides_weighs_less():
    def broken(recording: Recording) -> Recording:
        signal = recording.signal.copy()
        if recording.recording_id == "subject06_left_row":
            signal[50, 3] = 500.0
            signal[100:300, 4] = signal[100, 4]
        return replace(recording, signal=signal)

    def filtered(recording: Recording) -> Recording:
        recording = broken(recording)
        signal = recording.signal.copy()
        signal[50, 3] = np.median(signal[49:52, 3])
        signal[400:, 5] = signal[400, 5]
        return replace(recording, signal=signal)

    def kinds(known: DataSet) -> dict[str, str]:
        return {
            problem.kind: problem.severity
            for problem in quality_report(known).problems
            if problem.recording == "subject06_left_row"
        }

    assert kinds(small_watch(broken)) == {"flat stretch": "error", "spike": "warning"}
    known = replace(small_watch(filtered), raw_recordings=small_watch(broken).recordings)
    assert kinds(known) == {"flat stretch": "error", "spike": "note"}
    (spike,) = [problem for problem in quality_report(known).problems if problem.kind == "spike"]
    assert spike.advice.startswith("The data set's filter hides it")


def test_page_starts_with_what_to_do():
    def noisy(recording: Recording) -> Recording:
        signal = recording.signal.copy()
        signal[50, 3] = 500.0
        if recording.subject == "02":
            signal[:, :3] *= 9.80665
        return replace(recording, signal=signal)

    made = quality_report(small_watch(noisy))
    text = render(made)
    assert text.index(made.verdict) < text.index("<h2")
    assert text.index('<h2 id="what-to-do">') < text.index('<h2 id="pictures">')
    todo = text[text.index("What to do</h2>") : text.index("Pictures</h2>")]
    spikes = made.by_kind()["spike"]
    assert len(spikes) > 20
    assert f"{len(spikes)} times in {len(spikes)} recordings, 10 subjects, 1 channel" in todo
    assert todo.count("Replace each by the median of its neighbours.") == 1
    assert todo.index("wrong unit") < todo.index("spike")
    assert f"<summary>Show all {len(spikes)}</summary>" in todo


def test_copies_on_two_sides_are_reported_not_refused():
    known = small_watch()
    recordings = list(known.recordings())
    original = next(one for one in recordings if one.subject == "01")
    copy = replace(original, subject=known.test_subjects[0], recording_id="copy")
    made = quality_report(replace(known, recordings=lambda archive, cache: iter([*recordings, copy])))
    kinds = {problem.kind: problem for problem in made.problems}
    assert kinds["copied recording"].recording == "copy"
    assert kinds["copied windows"].severity == "error"
    assert kinds["copied windows"].recording in ("copy", original.recording_id)


def test_without_test_subjects_there_is_one_side():
    made = quality_report(replace(small_watch(), test_subjects=()))
    titles = [table.title for table in made.tables]
    assert "Drift between train and test" not in titles
    assert [row["side"] for row in made.tables[0].rows] == ["all"]
    Page(render(made))


def test_many_subjects_and_one_channel():
    made = quality_report(crowd())
    assert made.counts()["error"] == 0
    assert len(next(table for table in made.tables if table.title == "Subjects and classes").rows) == 60
    Page(render(made))


def test_empty_report_is_a_page():
    page = Page(render(QualityReport("nothing", "Nothing & <none>", {}, (), (), (), ())))
    assert "Nothing & <none>" in page.text


def test_command_writes_and_summarises(tmp_path, capsys):
    report_command("watch", seed=0, out=tmp_path)
    out = capsys.readouterr().out
    paths = sorted(path.name for path in tmp_path.iterdir())
    assert paths == ["watch_quality.html", "watch_quality.json"]
    assert all(name in out for name in paths)
    assert out.startswith(json.loads((tmp_path / paths[1]).read_text())["verdict"])


@pytest.fixture
def images() -> ImageSet:
    """Sixty images of noise in three classes, on two sides."""
    random = np.random.default_rng(0)
    return ImageSet(
        random.integers(0, 256, size=(60, 16, 16, 3), dtype=np.uint8),
        [f"{number:02}.png" for number in range(60)],
        np.arange(60) % 3,
        class_names=("cat", "dog", "red_fox"),
        sides=np.where(np.arange(60) < 45, "train", "test"),
    )


def test_clean_images_have_no_problem(images):
    made = image_quality_report(images)
    assert made.problems == ()
    assert [row["images"] for row in made.tables[0].rows] == [45, 15]
    assert [picture.title for picture in made.pictures] == [
        "Classes on each side",
        "Samples of each class",
        "Brightness and contrast",
    ]
    assert image_quality_report(images).to_json() == made.to_json()
    assert render(image_quality_report(images)) == render(made)
    assert render(image_quality_report(images, seed=1)) != render(made)


def test_planted_images_are_found(images, tmp_path):
    pixels = images.images.copy()
    pixels[5] = 40
    pixels[13] = pixels[10]  # the same class and side
    pixels[21] = np.clip(pixels[20] * 0.9 + 10, 0, 255)  # another class
    pixels[51] = pixels[30, :, ::-1]  # another side
    report = DecodeReport(61, (("broken.png", "image file is truncated"),))
    made = image_quality_report(replace(images, images=pixels, report=report), name="planted")
    assert [(problem.severity, problem.kind, problem.recording) for problem in made.problems] == [
        ("error", "copied image", "51.png"),
        ("error", "label conflict", "21.png"),
        ("warning", "copied image", "13.png"),
        ("warning", "empty image", "05.png"),
        ("warning", "unreadable image", "broken.png"),
    ]
    assert made.problems[0].text.startswith("The mirror image of 30.png")
    assert made.problems[1].text.startswith("The same as 20.png")
    page = Page(made.write(tmp_path)[0].read_text(encoding="utf-8"))
    labels = [attributes["aria-label"] for tag, attributes in page.tags if tag == "svg"]
    assert "1 image without contrast and 3 pairs of copies." in labels
    assert sum(tag == "image" for tag, _ in page.tags) == 2


def test_a_flood_of_copies_stays_readable(images):
    many = images.select(slice(0, 40))
    same = np.repeat(images.images[:1], 40, axis=0)
    made = image_quality_report(replace(many, images=same, labels=np.zeros(40, dtype=int)))
    copies = [problem for problem in made.problems if problem.kind == "copied image"]
    assert len(copies) == 201
    assert [problem.text for problem in copies if problem.recording is None] == ["580 more of this kind aren't listed."]


def test_images_with_numbers_to_predict(images):
    numbers = replace(images, labels=None, targets=np.linspace(0, 1, 60), class_names=(), sides=None)
    made = image_quality_report(numbers)
    assert made.problems == ()
    assert [row["side"] for row in made.tables[0].rows] == ["all"]
    Page(render(made))


def test_command_takes_images(images, tmp_path, capsys):
    from PIL import Image

    for pixels, name, label in zip(images.images, images.names, images.labels, strict=True):
        path = tmp_path / "zoo" / images.class_names[label] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).resize((32, 32)).save(path)
    path.write_bytes(path.read_bytes()[:200])
    report_command(str(tmp_path / "zoo"), out=tmp_path / "out")
    out = capsys.readouterr().out
    assert out.startswith("Fit to train on, but look at this first: unreadable image.")
    assert (tmp_path / "out" / "zoo_quality.html").is_file()
    with pytest.raises(ValueError, match="--archive"):
        report_command(str(tmp_path / "zoo"), archive=Path("a.zip"), out=tmp_path)


def test_unknown_data_set_gives_the_nearest():
    with pytest.raises(ValueError, match="Did you mean 'watch'"):
        quality_report("wach")


def test_quality_is_light_to_import():
    heavy = ["ray", "tensorflow_datasets", "matplotlib", "pyarrow", "grain", "PIL", "scipy", "keras"]
    code = f"import sys, kerashar.data.quality; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert done.stdout.strip() == "[]"
