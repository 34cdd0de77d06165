"""Search space of the causal ModernTCN (Luo and Wang, ICLR 2024, HAR form): that of `modern_tcn`.

Command: kerashar search causal_modern_tcn --data hapt --archive hapt.zip --trials 16
Expect:  docs/models.md gives score, time and machine of the middle of QUICK.
"""

from kerashar.search.domains import Space
from kerashar.search_spaces.time_series import modern_tcn

SPACE: Space = modern_tcn.SPACE

# Seconds to a minute for each trial.
QUICK: Space = modern_tcn.QUICK
