"""The data sets that kerashar knows: facts about each, and how its recordings are read.

A builder is imported when its recordings are asked for: TFDS and SciPy take a second.
"""

from kerashar.data.known.hapt import HAPT
from kerashar.data.known.motion_sense import MOTION_SENSE
from kerashar.data.known.pamap2 import PAMAP2
from kerashar.data.known.spsw_har import SPSW_HAR, SPSW_HAR_PHONE, SPSW_HAR_WATCH
from kerashar.data.known.uci_har import UCI_HAR
from kerashar.data.known.watch import WATCH
from kerashar.data.known.wisdm import WISDM_PHONE, WISDM_WATCH

KNOWN = {
    known.name: known
    for known in (
        HAPT,
        UCI_HAR,
        SPSW_HAR,
        SPSW_HAR_PHONE,
        SPSW_HAR_WATCH,
        WISDM_PHONE,
        WISDM_WATCH,
        PAMAP2,
        MOTION_SENSE,
        WATCH,
    )
}
