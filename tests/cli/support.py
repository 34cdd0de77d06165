"""The command line in this process: starting another takes longer than what most commands do."""

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from types import SimpleNamespace
from typing import Any

import keras
import pytest

from kerashar.cli.main import main


def kerashar(*arguments: Any, cwd: Any, **environment: str) -> SimpleNamespace:
    """Run a command as `main` runs it; gives its exit code and what it printed. A warning is an error, as elsewhere."""
    output, errors = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(output), redirect_stderr(errors):
        patch.chdir(cwd)
        patch.setattr(sys, "argv", ["kerashar", *map(str, arguments)])
        # The backend stands here because commands set it.
        for name, value in {"COLUMNS": "200", "KERAS_BACKEND": keras.backend.backend(), **environment}.items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
    return SimpleNamespace(returncode=ended.value.code, stdout=output.getvalue(), stderr=errors.getvalue())


def kerashar_process(*arguments: Any, cwd: Any) -> Any:
    """Run a command as a user does, in a process of its own."""
    command = [sys.executable, "-m", "kerashar.cli.main", *map(str, arguments)]
    settings = {**os.environ, "COLUMNS": "200"}
    return subprocess.run(command, cwd=cwd, env=settings, capture_output=True, text=True, check=False)


def expect_one_line_error(done: Any, *words: str) -> None:
    assert done.returncode == 2, done.stdout + done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in lines[0]
