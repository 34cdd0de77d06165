"""What a page says of where its figures come from."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version


def surroundings(backend: str) -> list[tuple[str, str]]:
    """The backend with its version, Python, and the machine this runs on."""
    return [
        ("Backend", f"{backend} {_version(backend)}".strip()),
        ("Python", platform.python_version()),
        ("System", f"{platform.system()} {platform.release()}"),
        ("Machine", f"{platform.machine()}, {os.cpu_count()} cores"),
    ]


def _version(backend: str) -> str:
    for name in (backend, f"{backend}-cpu"):  # TensorFlow has a package for CPUs alone
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return ""
