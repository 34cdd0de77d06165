"""The one check command: lint, types, and the whole suite on each backend, one process each, side by side.

Run it by `make test`, or `python tests/run_all.py` in an environment with the `dev` extra. A check that fails doesn't
keep the others from running; the last line sums up. What a suite prints is shown when it ends.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
BACKENDS = ("jax", "torch", "tensorflow")  # the one that takes longest goes first
# Suites that run at once. One more than cores, since the last one to end would leave a core idle.
LANES = max(1, min(len(BACKENDS), (os.cpu_count() or 1) + 1))
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
        print(f"== tests on {', '.join(BACKENDS)}, {LANES} at a time", flush=True)
        with ThreadPoolExecutor(LANES) as lanes:
            suites = {lanes.submit(run_suite, backend, Path(scratch)): backend for backend in BACKENDS}
            for suite in as_completed(suites):
                good, seconds = suite.result()
                backend = suites[suite]
                print((Path(scratch) / f"{backend}.log").read_text(encoding="utf-8", errors="replace"))
                print(f"== tests on {backend}: {'good' if good else 'FAILED'}, {seconds:.0f} s", flush=True)
                counts = count(Path(scratch) / f"{backend}.xml")
                passed, failed = passed + counts[0], failed + counts[1]
                if not good and not counts[1]:  # the process itself went wrong: nothing collected, or a crash
                    failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def run(tool: str, *arguments: str, output: IO[str] | None = None, **environment: str) -> bool:
    command, settings = [sys.executable, "-m", tool, *arguments], {**os.environ, **environment}
    done = subprocess.run(command, cwd=ROOT, env=settings, stdout=output, stderr=subprocess.STDOUT, check=False)
    return done.returncode == 0


def check_types(scratch: Path) -> bool:
    """Check the wheel's content: the checkout has no kerashar/features for a type checker to find."""
    shutil.rmtree(ROOT / "build", ignore_errors=True)  # setuptools would pack modules that are gone since
    if not run("pip", "wheel", *WHEEL_OPTIONS, "--wheel-dir", str(scratch / "wheel"), "."):
        return False
    (wheel,) = (scratch / "wheel").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(ROOT / "build" / "types")
    return run("basedpyright", "--pythonpath", sys.executable, "build/types/kerashar")


def run_suite(backend: str, scratch: Path) -> tuple[bool, float]:
    """Whether it went well, and its seconds; the report and what it printed are named after the backend."""
    threads = max(1, (os.cpu_count() or 1) // LANES)  # more would wait for each other's cores
    settings = {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": str(threads)}
    if backend == "jax":
        settings["XLA_FLAGS"] = QUICK_XLA
    report = scratch / f"{backend}.xml"
    began = time.monotonic()
    with (scratch / f"{backend}.log").open("w", encoding="utf-8") as log:
        good = run("pytest", "-q", "--durations=10", f"--junitxml={report}", output=log, **settings)
    return good, time.monotonic() - began


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
