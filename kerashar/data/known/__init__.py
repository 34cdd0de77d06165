"""The data sets that kerashar knows: facts about each, and how its recordings are read.

A builder is imported when its recordings are asked for: TFDS and SciPy take a second.
"""

from kerashar.data.known.hapt import HAPT
from kerashar.data.known.watch import WATCH

KNOWN = {known.name: known for known in (HAPT, WATCH)}
