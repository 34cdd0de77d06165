"""`kerashar launch`."""

from pathlib import Path

import pytest

from tests.cli.support import expect_one_line_error, kerashar

pytestmark = pytest.mark.once

SEARCH = ("tcn,modern_tcn", "--data", "watch", "--shared", "/shared")


def test_it_writes_files_and_names_them(tmp_path: Path):
    done = kerashar(
        "launch", "job", *SEARCH, "--backend", "torch,jax", "--package", "mine==1", "--out", "o", cwd=tmp_path
    )
    assert (done.returncode, done.stdout.split("wrote ")[1:]) == (
        0,
        ["o/submit.sh\n", "o/search.sh\n", "o/runtime_env.yaml\n"],
    )
    assert "search tcn,modern_tcn --data watch --backend torch,jax" in (tmp_path / "o" / "search.sh").read_text()
    assert (tmp_path / "o" / "runtime_env.yaml").read_text() == "pip:\n- mine==1\n"


def test_mistakes_are_one_line_and_write_nothing(tmp_path: Path):
    for wrong, *words in (
        (["slrm", *SEARCH], "slrm"),
        (["slurm", "modern_tcm", *SEARCH[1:]], "modern_tcn"),
        (["slurm", *SEARCH, "--data", "wacth"], "'watch'"),
        (["aws", *SEARCH], "zone"),
        (["slurm", *SEARCH, "--nodes", 0], "nodes=0"),
    ):
        expect_one_line_error(kerashar("launch", *wrong, cwd=tmp_path), *words)
    assert list(tmp_path.iterdir()) == []
