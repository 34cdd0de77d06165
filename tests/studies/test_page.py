"""The page of a study, of made-up runs: what it says, how a browser shows it, and the same as Markdown."""

import csv
import os
import re
import runpy
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from kerashar.cli.main import app
from kerashar.search.domains import check_space
from kerashar.studies import Comparison, HeadComparison, Joining, SmallSearch
from kerashar.studies.contender import Contender
from kerashar.studies.page import write_study_markdown, write_study_page
from kerashar.studies.page.changes import changes_of, differing
from kerashar.studies.page.command import study_command
from kerashar.studies.page.pictures import Cost, pareto
from kerashar.studies.page.study_record import Part, StudyRecord
from kerashar.studies.standing import read_decisions
from tests.packaging.test_readme import python_blocks
from tests.pages import Page, expect_readable
from tests.studies.made_up_study import STUDY, make_study

pytestmark = pytest.mark.once

HOSTILE = "<script>alert(1)</script> & $x_1$ | `*[a](b)*"
TWO_SEEDS = replace(STUDY, seeds=(4, 5), stages=(STUDY.stages[0], Joining(members=2)))
NAMED = replace(
    STUDY,
    name=HOSTILE,
    data=HOSTILE,
    stages=(Comparison(HOSTILE, {HOSTILE: {"learning_rate": 1e-3}, f"{HOSTILE} 2": {"features": {"jerk": True}}}),),
)
HEADS = replace(
    STUDY,
    data="numbers",
    start={"model": "plain_cnn", "data_settings": {"class_width": 0.1}},
    stages=(HeadComparison(), Comparison("rate", {"half": {"learning_rate": 1e-3}}), HeadComparison("again", (0.2,))),
)
STUDIES: dict[str, dict[str, Any]] = {
    "whole": {"failing": ["deep_conv_lstm"]},
    "middle": {"done": 3, "under_way": 0.5},
    "empty": {"done": 0},
    "two": {"study": TWO_SEEDS, "failing": ["tcn", "resnet1d", "inception_time", "deep_conv_lstm", "cnn_transformer"]},
    "named": {"study": NAMED},
    "heads": {"study": HEADS},
}


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder of each study, with its page."""
    folder = tmp_path_factory.mktemp("studies")
    for name, of in STUDIES.items():
        make_study(folder / name, **of)
        write_study_page(folder / name)
    return folder


def read(folder: Path) -> Page:
    return Page((folder / "study.html").read_text(encoding="utf-8"))


def results(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "results.csv").read_text().splitlines()))


# === What it says ===


def test_the_head_of_a_finished_study(studies: Path):
    page, record = read(studies / "whole"), StudyRecord.read(studies / "whole")
    start, last = (record.test_figures(each, "macro_f1") for each in (record.first, record.last))
    rows = results(studies / "whole")
    final = next(row for row in rows if row["contender"] == "what the study came to")
    assert 100 * sum(last) / 3 == pytest.approx(100 * float(final["test_macro_f1"]))
    for part in (
        "walks on walks",
        "Finished: all 9 stages are decided",
        f"{100 * float(final['test_macro_f1']):.2f} %",
        f"± {100 * float(final['test_macro_f1_deviation']):.2f} over seeds",
        f"start model {100 * sum(start) / 3:.2f} ±",
        "9 of 9",
        "resnet1d x 3",
    ):
        assert part in page.said


def test_what_each_stage_decided(studies: Path):
    page, decisions = read(studies / "whole"), read_decisions(studies / "whole")
    rows = page.table("stage", "tried")
    assert [(row[0], row[2], row[3]) for row in rows] == [(each.stage, each.kept, each.reason) for each in decisions]
    assert {"as before", "resnet1d", "ensemble of 3"} <= {row[2] for row in rows}
    way = page.alts[0]
    first = decisions[0].evidence[0].of("macro_f1")
    assert first
    assert f"from {100 * first[0]:.2f} % at the start to {rows[-1][4].split()[0]} % after stage 9 of 9" in way
    assert "model family (resnet1d)" in way


def test_the_evidence_of_a_stage(studies: Path):
    page, decision = read(studies / "whole"), read_decisions(studies / "whole")[0]
    rows = {row[0]: row[1:] for row in page.table("contender", "screening")}
    by_name = {each.name: each for each in decision.evidence}
    assert rows["as before"][3] == "beaten"
    assert rows["tcn"][1:] == ["", "", "screened out"]
    screened, gain = by_name["resnet1d"].screened, by_name["resnet1d"].gain
    assert screened
    assert gain
    assert rows["resnet1d"][0] == f"{100 * screened['macro_f1']:.2f} %"
    assert rows["resnet1d"][2:] == [f"+{100 * gain[0]:.2f} ± {100 * gain[1]:.2f}", "kept"]
    assert rows["deep_conv_lstm"] == ["", "", "", "failed: ValueError: Expected finite weights. Received: NaN."]
    (picture,) = [each for each in page.alts if "deep_conv_lstm" in each]
    assert "deep_conv_lstm failed" in picture
    assert f"tcn was screened out at {rows['tcn'][0]}" in picture
    changes = dict(page.table("option", "changes"))
    assert changes["tcn"] == "model: modern_tcn → tcn; model_settings.hidden: 64 → default"


def test_a_search_has_a_page_of_its_own(studies: Path):
    links = [str(of["href"]) for tag, of in read(studies / "whole").tags if tag == "a"]
    assert "07-regularisation/search/search.html" in links
    assert all((studies / "whole" / link).exists() for link in links if not link.startswith("#"))


def test_the_tables_of_models(studies: Path):
    page = read(studies / "whole")
    rows = results(studies / "whole")
    finals = page.table("contender", "model", "test top-1")
    assert [row[0] for row in finals] == ["start", "one model", "what the study came to"]
    assert finals[0][6] == f"{int(rows[0]['parameters']):,}"
    assert finals[0][5:] == ["128x6", "163,400", "10,457,600", "1.22", "2 min 12 s"]
    others = page.table("contender", "stage", "model")
    assert [row[:2] for row in others] == [[row["contender"], row["stage"]] for row in rows if row["stage"] != "final"]
    assert [row[6] for row in others] == ["yes" if row["kept"] == "True" else "" for row in rows[3:]]


def test_the_fronts():
    costs = [Cost(name, name, score, cost) for name, score, cost in (("a", 0.9, 3), ("b", 0.8, 2), ("c", 0.8, 4))]
    assert [each.name for each in pareto(costs)] == ["b", "a"]
    assert [each.name for each in pareto([*costs, Cost("d", "d", 0.9, 1)])] == ["d"]


def test_the_test_side_and_the_recipes(studies: Path):
    page, text = read(studies / "whole"), read(studies / "whole").said
    assert (
        "after the last decision (2027-01-15), by 9 runs, those of: start, one model, what the study came to." in text
    )
    assert "Each looked once." in text
    assert "No leaks: no subject is on two sides." in text
    settings = {row[0]: row[1:] for row in page.table("setting", "start")}
    assert settings["model"] == ["modern_tcn", "resnet1d"]
    assert settings["members"] == ["1", "3"]
    assert settings["epochs"] == ["12", "12"]
    assert "batch_size" not in settings


def test_what_a_split_does_to_the_test_side_and_to_the_rule(studies: Path, tmp_path: Path):
    drawn, fixed = "The split is drawn by each seed", "All seeds have the same validation subjects"
    assert drawn not in read(studies / "whole").said
    assert fixed not in read(studies / "whole").said
    for name, start in (("drawn", {"split": "drawn"}), ("fixed", {"split_settings": {"validation_subjects": ["3"]}})):
        make_study(tmp_path / name, TWO_SEEDS, start=start)
        write_study_page(tmp_path / name)
    assert drawn in read(tmp_path / "drawn").said
    assert fixed in read(tmp_path / "fixed").said


def test_looks_are_counted(tmp_path: Path):
    make_study(tmp_path, TWO_SEEDS)
    note = next(tmp_path.glob("runs/*/test.json"))
    note.write_text(note.read_text().replace('"looks": 1', '"looks": 2'))
    write_study_page(tmp_path)
    assert f"More than one look is on record of {note.parent.name} 2 times." in read(tmp_path).said


def test_the_time_of_training_counts_each_run_once(studies: Path):
    record = StudyRecord.read(studies / "two")
    trained = [run for run in record.runs.values() if "-by-" not in run.folder.name]
    assert len(trained) < len(record.runs)
    assert record.seconds == pytest.approx(132.0 * len(trained))
    assert StudyRecord.read(studies / "whole").search_seconds > 0


def test_runs_of_each_contender(studies: Path):
    rows = {row[0]: row[1:] for row in read(studies / "whole").table("contender", "stage", "runs")}
    assert rows["start"][2] == "0123"
    assert rows["tcn"][2] == "0"
    assert "deep_conv_lstm" not in rows
    record = StudyRecord.read(studies / "whole")
    assert rows["ensemble of 3"][1] == record.last.label


def test_a_study_in_the_middle(studies: Path):
    page, record = read(studies / "middle"), StudyRecord.read(studies / "middle")
    assert record.parts(4) == [Part("deciding", 3, 0, 6)]
    text = page.said
    assert "3 of 9 stages are decided." in text
    assert "stage 4, “features: difference of Gaussians” (deciding: 3 of 6 runs done)." in text
    assert "The test side has not been looked at" in text
    assert study_command(record) in text
    rows = page.table("stage", "tried")
    assert [row[2] for row in rows[3:5]] == ["under way", "to come"]
    assert rows[3][3] == "deciding: 3 of 6 runs done"
    assert ["difference of Gaussians", "features.difference_of_gaussians = True"] in [
        row for each in page.tables for row in each
    ]
    assert "Final models" not in text


def test_a_study_whose_test_side_is_being_looked_at(tmp_path: Path):
    make_study(tmp_path, TWO_SEEDS)
    (tmp_path / "results.csv").unlink()
    write_study_page(tmp_path)
    text = read(tmp_path).said
    assert "Under way" in text
    assert "the look at the test side (not begun)" in text
    assert "runs have looked at the test side, after the last decision" in text


def test_a_study_that_decided_nothing(studies: Path):
    text = read(studies / "empty").said
    assert "0 of 9 stages are decided." in text
    assert "No stage has decided yet." in text
    assert not read(studies / "empty").alts


def test_a_stage_all_of_whose_options_failed(studies: Path):
    page = read(studies / "two")
    rows = page.table("stage", "tried")
    assert rows[0][2:4] == ["as before", "No option could be measured."]
    assert {row[3] for row in page.table("contender", "macro F1")[1:]} == {
        "failed: ValueError: Expected finite weights. Received: NaN."
    }


def test_ways_to_predict_a_number(studies: Path):
    page, record = read(studies / "heads"), StudyRecord.read(studies / "heads")
    heads, rate, _ = record.decisions
    assert heads.kept == "classifier, 5 %, mean"
    error, gain = heads.evidence[1].of(heads.figure), heads.evidence[1].gain
    assert error
    assert gain
    rows = {row[0]: row[1:] for row in page.table("contender", "mean absolute error", "gain")}
    assert rows["regressor"][2] == "beaten"
    assert rows[heads.kept][0] == f"{100 * error[0]:.2f} ± {100 * error[1]:.2f} %"
    assert rows[heads.kept][1:] == [f"+{100 * gain[0]:.2f} ± {100 * gain[1]:.2f}", "kept"]
    changes = dict(page.table("option", "changes"))
    assert changes[heads.kept] == "data_settings.class_width: 0.1 → 0.05"
    assert changes["ordinal head, 5 %, mean"] == "nothing in the recipe"
    # What it kept is measured by the next stage, and was all there is to compare with.
    assert record.scores == [rate.evidence[0].of("macro_f1")] * 4
    folders = {row[0]: row[2:] for row in page.table("contender", "stage", "runs")}
    assert folders["classes of 5 %"][1] == "123"
    assert "Mean absolute error of each contender on validation" in " ".join(page.alts)


def test_a_folder_without_a_study(tmp_path: Path):
    with pytest.raises(ValueError, match="Expected the run folder of a study"):
        write_study_page(tmp_path)


# === Changes and commands ===


def test_changes():
    start = Contender({"model": "tcn", "model_settings": {"levels": 3}, "learning_rate": 1e-3})
    assert changes_of(start, start) == ""
    assert changes_of(start, start.changed({"model": "modern_tcn", "learning_rate": 2e-3})) == (
        "model: tcn → modern_tcn; learning_rate: 0.001 → 0.002; model_settings.levels: 3 → default"
    )
    taught = Contender(start.recipe, teacher=replace(start, members=3))
    assert changes_of(start, taught) == "teacher: none → 3 x tcn"
    assert differing(Contender({}), Contender({"epochs": 9})) == [
        ("model", "modern_tcn", "modern_tcn"),
        ("epochs", "10", "9"),
    ]


def test_the_command_goes_on_with_the_study(tmp_path: Path):
    start = {"model_settings": {"hidden": 8, "blocks": 1}, "split": "drawn", "split_settings": {"test_share": 0.3}}
    make_study(
        tmp_path / "a run",
        replace(STUDY, name="har-quick"),
        done=0,
        archive="/x/walks 1.zip",
        start={**start, "data": "hapt"},
    )
    record = StudyRecord.read(tmp_path / "a run")
    program, name, *words = shlex.split(study_command(record))
    assert (program, name) == ("kerashar", "study")
    command = get_command(app).commands["study"]  # pyright: ignore[reportAttributeAccessIssue]
    given = command.make_context("study", words).params
    assert (given["name"], given["quick"], given["data"], given["backend"]) == ("har", True, "hapt", "torch")
    assert (given["archive"], given["run"]) == (Path("/x/walks 1.zip"), tmp_path / "a run")
    assert given["settings"] == ["hidden=8", "blocks=1"]
    assert given["training"] == ["split=drawn", "split_settings={'test_share': 0.3}"]
    assert "/x/" not in study_command(record, is_portable=True)


def test_it_needs_neither_ray_nor_keras(studies: Path):
    code = (
        "import sys; from kerashar.studies.page import write_study_markdown, write_study_page; "
        f"write_study_page({str(studies / 'whole')!r}); "
        "print(*({'keras', 'ray', 'torch', 'tensorflow', 'jax'} & set(sys.modules)))"
    )
    before = (studies / "whole" / "study.html").read_text()
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.strip() == ""
    assert (studies / "whole" / "study.html").read_text() == before


# === The guide ===


def test_the_plan_of_the_guide(tmp_path: Path):
    """Its code makes a plan, whose options are all known; it runs where it is a script."""
    (tmp_path / "script.py").write_text("".join(python_blocks("docs/studies.md")))
    plan = runpy.run_path(str(tmp_path / "script.py"))["study"]
    current = Contender({}).changed({**plan.start, "data": plan.data})
    for stage in plan.stages:
        if isinstance(stage, SmallSearch):
            check_space(stage.whole_space(current), current.seeded(0).model)
        else:
            for each in stage.contenders(current).values():
                each.seeded(0).check()
    assert len(plan.stages) == 4


# === Markdown ===


def test_the_same_as_markdown(studies: Path, tmp_path: Path):
    path = tmp_path / "docs" / "study_walks.md"
    write_study_markdown(studies / "whole", path)
    text = path.read_text()
    assert str(studies) not in text
    assert "```\nkerashar study walks --backend torch\n```" in text
    pictures = re.findall(r"!\[[^]]+\]\((pictures/study_walks_[a-z0-9_]+\.svg)\)", text)
    assert len(pictures) == len(set(pictures)) == text.count("![") == 7
    for name in pictures:
        picture = path.parent / name
        assert picture.stat().st_size < 40_000
        assert float(ElementTree.parse(picture).getroot().attrib["width"]) > 300
    for each in read_decisions(studies / "whole"):
        assert each.reason.replace("_", r"\_") in text
    lines = text.splitlines()
    for before, line in pairwise(lines):
        if line.startswith("|") and before.startswith("|"):
            assert line.count(" | ") == before.count(" | ")


def test_markdown_of_unfinished_studies(studies: Path, tmp_path: Path):
    for name in ("middle", "empty"):
        write_study_markdown(studies / name, tmp_path / f"{name}.md")
        assert "stages are decided" in (tmp_path / f"{name}.md").read_text()


# === The page ===


@pytest.mark.parametrize("name", STUDIES)
def test_what_is_read_aloud(studies: Path, name: str):
    page = read(studies / name)
    tags = [tag for tag, _ in page.tags]
    for landmark in ("header", "nav", "main", "footer", "h1"):
        assert tags.count(landmark) == 1
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    names = [of["id"] for _, of in page.tags if "id" in of]
    assert len(names) == len(set(names))
    anchors = [str(of["href"]) for tag, of in page.tags if tag == "a"]
    assert {each[1:] for each in anchors if each.startswith("#")} <= set(names)
    assert tags.count("caption") == tags.count("table")
    assert all(len(each) > 40 for each in page.alts)
    assert "script" not in tags


def test_the_text_of_users_is_never_markup(studies: Path, tmp_path: Path):
    page = read(studies / "named")
    assert HOSTILE in page.said
    assert "script" not in [tag for tag, _ in page.tags]
    write_study_markdown(studies / "named", tmp_path / "named.md")
    text = (tmp_path / "named.md").read_text()
    assert "<script" not in re.sub(r"```\n.*?\n```", "", text, flags=re.DOTALL)
    assert "&lt;script>alert(1)&lt;/script> &amp; $x\\_1$ \\| \\`\\*\\[a\\](b)\\*" in text


def test_in_a_browser(studies: Path):
    pictures = {"whole": 12, "middle": 4, "empty": 0, "two": 5, "named": 4, "heads": 6}
    expect_readable({studies / name / "study.html": count for name, count in pictures.items()})
