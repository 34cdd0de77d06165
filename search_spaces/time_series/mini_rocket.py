"""Search space of MiniRocket (Dempster, Schmidt and Webb, KDD 2021).

Command: kerashar search mini_rocket --data hapt --archive hapt.zip --trials 9
Expect:  README.md gives the score, time and machine of the last run.
"""

from kerashar.search.domains import Choice, Space

SPACE: Space = {
    "model": {
        "num_features": Choice((2_500, 5_000, 10_000)),
        "max_dilations": Choice((8, 16, 32)),
    },
    "training": {"epochs": 1},
}

# Seconds for each trial: to see a search from end to end.
QUICK: Space = {
    "model": {
        "num_features": Choice((420, 840)),
        "max_dilations": Choice((4, 8)),
    },
    "training": {"epochs": 1},
}
