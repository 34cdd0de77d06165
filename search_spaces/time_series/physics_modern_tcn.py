"""Search space of ModernTCN with a decoder of its signals (form of this project): that of `modern_tcn` and a weight.

Command: kerashar search physics_modern_tcn --data hapt --archive hapt.zip --trials 16
Expect:  docs/models.md gives score, time and machine of the middle of QUICK.
"""

from kerashar.search.domains import LogUniform, Space
from kerashar.search_spaces.time_series import modern_tcn

_WEIGHT = LogUniform(0.01, 1.0)

SPACE: Space = {**modern_tcn.SPACE, "model": {**modern_tcn.SPACE["model"], "physics_weight": _WEIGHT}}

# Seconds to a minute for each trial.
QUICK: Space = {**modern_tcn.QUICK, "model": {**modern_tcn.QUICK["model"], "physics_weight": _WEIGHT}}
