"""The process that writes exports: `python -m kerashar.export.worker`.

It reads jobs, a line of JSON, and answers with a list of the largest differences, or of problems, as its last line.
"""

import json
import sys
from pathlib import Path
from typing import Any

from kerashar.choose_backend import choose_backend


def main() -> None:
    """Take the jobs, convert, answer."""
    jobs = json.loads(sys.stdin.readline())
    choose_backend("tensorflow")
    answers = [answer(job) for job in jobs]
    print(f"\n{json.dumps(answers)}")  # noqa: T201


def answer(job: dict[str, str]) -> dict[str, Any]:
    """The `difference` of an export, or the `problem`; `expected` tells a problem that the message explains."""
    from kerashar.export.conversion import convert

    try:
        return {"difference": convert(Path(job["file"]), job["kind"], Path(job["out"]))}  # pyright: ignore[reportArgumentType] (the parent checked it)
    except Exception as error:  # noqa: BLE001 (told to whoever started this process)
        text = " ".join(str(error).split()) or type(error).__name__
        return {"problem": text, "expected": isinstance(error, ValueError) and text.startswith(("Expected", "Refused"))}


if __name__ == "__main__":
    main()
