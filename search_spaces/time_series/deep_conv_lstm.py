"""Search space of DeepConvLSTM (Ordóñez and Roggen, 2016).

Command: kerashar search deep_conv_lstm --data hapt --archive hapt.zip --trials 16
Expect:  docs/models.md gives score, time and machine of the middle of QUICK.
"""

from kerashar.search.domains import Choice, LogUniform, Space, Uniform

SPACE: Space = {
    "model": {
        "filters": Choice((16, 32, 64)),
        "depth": Choice((2, 3, 4)),
        "kernel_size": Choice((3, 5, 9)),
        "units": Choice((64, 128, 256)),
        "dropout": Uniform(0.1, 0.6),
    },
    "training": {
        "learning_rate": LogUniform(3e-4, 5e-3),
        "weight_decay": LogUniform(1e-3, 0.3),
        "label_smoothing": Uniform(0.0, 0.2),
        "epochs": 12,
    },
}

# One to three minutes for each trial.
QUICK: Space = {
    "model": {
        "filters": Choice((4, 8, 16)),
        "units": Choice((32, 64)),
        "dropout": Uniform(0.1, 0.5),
    },
    "training": {
        "learning_rate": LogUniform(1e-3, 1e-2),
        "epochs": 4,
    },
}
