"""Search space of ModernTCN (Luo and Wang, ICLR 2024, HAR form).

Command: kerashar search modern_tcn --data hapt --archive hapt.zip --trials 16
Expect:  README.md gives the score, time and machine of the last run.
"""

from kerashar.search.domains import Choice, LogUniform, Space, Uniform

SPACE: Space = {
    "model": {
        "hidden": Choice((64, 96, 128)),
        "blocks": Choice((2, 3, 4)),
        "dropout": Uniform(0.0, 0.4),
        "stochastic_depth": Uniform(0.0, 0.3),
    },
    "training": {
        "learning_rate": LogUniform(5e-4, 5e-3),
        "weight_decay": LogUniform(1e-3, 0.3),
        "label_smoothing": Uniform(0.0, 0.2),
        "epochs": 12,
    },
}

# Seconds for each trial: to see a search from end to end.
QUICK: Space = {
    "model": {
        "hidden": Choice((16, 32)),
        "blocks": Choice((1, 2)),
        "dropout": Uniform(0.0, 0.3),
    },
    "training": {
        "learning_rate": LogUniform(1e-3, 1e-2),
        "epochs": 9,
    },
}
