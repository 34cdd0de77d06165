import errno
import os
import subprocess
import sys

import pytest

from kerashar.files import append_line, write_atomically, write_json

pytestmark = pytest.mark.once


def test_a_failing_write_leaves_the_old_file(tmp_path):
    target = tmp_path / "note.txt"
    write_atomically(target, lambda path: path.write_text("old"))

    def fail(path):
        path.write_text("half")
        raise OSError(errno.ENOSPC, "disk full")

    with pytest.raises(OSError, match="disk full"):
        write_atomically(target, fail)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_full_disk_leaves_the_old_file(tmp_path):
    # A limit on file size is a full disk as far as the writer can tell.
    target = tmp_path / "note.json"
    write_json(target, "old")
    code = (
        "import resource, signal; from kerashar.files import write_json;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100));"
        f"write_json({str(target)!r}, 'x' * 1000)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "File too large" in done.stderr
    assert target.read_text() == '"old"\n'
    assert list(tmp_path.iterdir()) == [target]


def test_json_refuses_what_is_no_json(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "note.json", float("nan"))


def test_a_torn_line_is_ended_before_the_next(tmp_path):
    path = tmp_path / "lines"
    append_line(path, "one")
    with open(path, "a") as file:
        file.write("to")
    append_line(path, "three")
    assert path.read_text().splitlines() == ["one", "to", "three"]
    with pytest.raises(ValueError, match="single line"):
        append_line(path, "a\nb")


def test_a_line_that_does_not_fit_is_an_error(tmp_path):
    path = tmp_path / "lines"
    code = (
        "import resource, signal; from kerashar.files import append_line;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10));"
        f"append_line({str(path)!r}, 'x' * 1000)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "OSError" in done.stderr
    assert os.path.getsize(path) <= 10
