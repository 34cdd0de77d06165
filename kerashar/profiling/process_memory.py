"""How much memory this process holds, and held at most; on Linux only."""

import contextlib
from pathlib import Path

_PROCESS = Path("/proc/self")
_FORGET_PEAK = "5"  # what the kernel takes for it


def held_memory() -> float | None:
    """Megabytes held now; from here on the peak is counted anew."""
    with contextlib.suppress(OSError):  # elsewhere, and in some containers; the peak then has a longer past
        (_PROCESS / "clear_refs").write_text(_FORGET_PEAK)
    return _read("VmRSS")


def peak_memory() -> float | None:
    """The most megabytes held since `held_memory`."""
    return _read("VmHWM")


def _read(figure: str) -> float | None:
    try:
        lines = (_PROCESS / "status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith(f"{figure}:"):
            return int(line.split()[1]) * 1024 / 1e6  # the kernel says kB and means KiB
    return None
