"""What `mkdocs build` needs besides its settings: the package as it installs, and pages that stand outside of docs/."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
MAPPED = ("features", "search_spaces")  # which install as kerashar.features and kerashar.search_spaces
_package = TemporaryDirectory(prefix="kerashar-docs-")


@event_priority(100)  # ahead of mkdocstrings, which reads its settings once
def on_config(config: Any) -> None:
    """Lay the package out as its wheel does, since the reference is read from the files and not from what runs."""
    package = Path(_package.name) / "kerashar"
    python_files = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "kerashar", package, ignore=python_files, dirs_exist_ok=True)
    for folder in MAPPED:
        shutil.copytree(ROOT / folder, package / folder, ignore=python_files, dirs_exist_ok=True)
    handlers = config.plugins["mkdocstrings"].config.handlers
    handlers.setdefault("python", {})["paths"] = [_package.name]


def on_files(files: Files, config: Any) -> None:
    """Add the pages whose sources are the repository's own."""
    for name in ("CHANGELOG.md", "CONTRIBUTING.md"):
        files.append(File.generated(config, name.lower(), abs_src_path=str(ROOT / name)))
