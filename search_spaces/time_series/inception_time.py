"""Search space of InceptionTime (Ismail Fawaz et al., 2020).

Command: kerashar search inception_time --data hapt --archive hapt.zip --trials 16
Expect:  docs/models.md gives score, time and machine of the middle of QUICK.
"""

from kerashar.search.domains import Choice, LogUniform, Space, Uniform

SPACE: Space = {
    "model": {
        "filters": Choice((16, 32, 48)),
        "depth": Choice((3, 6, 9)),
        "kernel_sizes": Choice(((40, 20, 10), (20, 10, 5), (39, 19, 9), (64, 32, 16, 8))),
        "bottleneck": Choice((16, 32, 64)),
    },
    "training": {
        "learning_rate": LogUniform(3e-4, 5e-3),
        "weight_decay": LogUniform(1e-3, 0.3),
        "label_smoothing": Uniform(0.0, 0.2),
        "epochs": 12,
    },
}

# Half a minute to three minutes for each trial.
QUICK: Space = {
    "model": {
        "filters": Choice((4, 8, 16)),
        "depth": Choice((3, 6)),
        "kernel_sizes": Choice(((40, 20, 10), (20, 10, 5))),
        "bottleneck": Choice((8, 16)),
    },
    "training": {
        "learning_rate": LogUniform(1e-3, 1e-2),
        "epochs": 6,
    },
}
