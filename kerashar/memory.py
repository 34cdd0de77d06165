"""How the process gets its memory. Importing this module does not import Keras."""

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8  # of glibc's malloc.h


def keep_memory() -> bool:
    """Keep what a training step frees for the next step, instead of handing it back to the system.

    Call it before anything imports Keras, whose backends start threads with a share of memory of their own. glibc
    returns each large buffer at once, and the next step gets it back page by page: 66,000 page faults, a third of a
    step of ModernTCN on JAX. The process then holds the most memory that it ever had until it ends.

    Returns:
        Whether it worked: only with glibc, so on most of Linux.

    Example:
        >>> isinstance(keep_memory(), bool)
        True
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library, such as musl
        return False
    options = ((_ARENA_MAX, 1), (_MMAP_MAX, 0), (_TRIM_THRESHOLD, -1))  # one pool of memory, never given back
    return all(set_option(option, value) == 1 for option, value in options)
