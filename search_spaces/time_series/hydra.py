"""Search space of Hydra (Dempster, Schmidt and Webb, 2023).

Command: kerashar search hydra --data hapt --archive hapt.zip --trials 9
Expect:  README.md gives the score, time and machine of the last run.
"""

from kerashar.search.domains import Choice, Space

SPACE: Space = {
    "model": {
        "kernels": Choice((4, 8, 16)),
        "groups": Choice((16, 32, 64)),
    },
    "training": {"epochs": 1},
}

# Seconds for each trial: to see a search from end to end.
QUICK: Space = {
    "model": {
        "kernels": Choice((4, 8)),
        "groups": Choice((8, 16)),
    },
    "training": {"epochs": 1},
}
