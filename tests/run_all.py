"""The one check command: lint, types, and the whole suite on each backend, one process each.

Run it by `make test`, or `python tests/run_all.py` in an environment with the `dev` extra. A check that fails doesn't
keep the others from running; the last line sums up.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
BACKENDS = ("torch", "jax", "tensorflow")
# JAX compiles slowly; the tests compile many small programs and run each once.
QUICK_XLA = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
WHEEL_OPTIONS = ("--quiet", "--no-deps", "--no-build-isolation")


def main() -> int:
    passed = failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        checks = {
            "lint": lambda: run("ruff", "check", "."),
            "format": lambda: run("ruff", "format", "--check", "."),
            "types": lambda: check_types(Path(scratch)),
        }
        for name, check in checks.items():
            good = timed(name, check)
            passed, failed = passed + good, failed + (not good)
        for backend in BACKENDS:
            report = Path(scratch) / f"{backend}.xml"
            good = timed(f"tests on {backend}", lambda backend=backend, report=report: run_suite(backend, report))
            counts = count(report)
            passed, failed = passed + counts[0], failed + counts[1]
            if not good and not counts[1]:  # the process itself went wrong: nothing collected, or a crash
                failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def run(tool: str, *arguments: str, **environment: str) -> bool:
    command = [sys.executable, "-m", tool, *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode == 0


def check_types(scratch: Path) -> bool:
    """Check the wheel's content: the checkout has no kerashar/features for a type checker to find."""
    if not run("pip", "wheel", *WHEEL_OPTIONS, "--wheel-dir", str(scratch / "wheel"), "."):
        return False
    (wheel,) = (scratch / "wheel").glob("*.whl")
    shutil.rmtree(ROOT / "build" / "types", ignore_errors=True)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(ROOT / "build" / "types")
    return run("basedpyright", "--pythonpath", sys.executable, "build/types/kerashar")


def run_suite(backend: str, report: Path) -> bool:
    settings = {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    if backend == "jax":
        settings["XLA_FLAGS"] = QUICK_XLA
    return run("pytest", "-q", "--durations=5", f"--junitxml={report}", **settings)


def count(report: Path) -> tuple[int, int]:
    """Passed and failed tests of a pytest report; a skipped test counts as failed."""
    if not report.exists():
        return 0, 0
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    passed = failed = 0
    for suite in suites:
        bad = sum(int(suite.get(name, 0)) for name in ("failures", "errors", "skipped"))
        passed += int(suite.get("tests", 0)) - bad
        failed += bad
    return passed, failed


def timed(name: str, check) -> bool:
    print(f"== {name}", flush=True)
    began = time.monotonic()
    good = check()
    print(f"== {name}: {'good' if good else 'FAILED'}, {time.monotonic() - began:.0f} s", flush=True)
    return good


if __name__ == "__main__":
    sys.exit(main())
