import subprocess
import sys

import pytest

pytestmark = pytest.mark.once

FAULTS = """
import resource, sys
from kerashar.memory import keep_memory
worked = keep_memory() if sys.argv[1] == "keep" else True
for repeat in range(20):
    if repeat == 10:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    block = bytearray(64 * 1024 * 1024)  # zeroed or fetched page by page, 16,384 of them
    del block
print(worked, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how):
    done = subprocess.run([sys.executable, "-c", FAULTS, how], capture_output=True, text=True, check=True)
    worked, count = done.stdout.split()
    return worked == "True", int(count)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is nothing to keep elsewhere")
def test_a_buffer_that_was_freed_is_not_fetched_again():
    worked, kept = faults("keep")
    assert kept < 1000 if worked else True
    assert kept <= faults("leave")[1]
