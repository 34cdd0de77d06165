"""Search space of TCN (Bai et al., 2018).

Command: kerashar search tcn --data hapt --archive hapt.zip --trials 16
Expect:  docs/models.md gives score, time and machine of the middle of QUICK.
"""

from kerashar.search.domains import Choice, LogUniform, Space, Uniform

SPACE: Space = {
    "model": {
        "hidden": Choice((32, 64, 96)),
        "levels": Choice((4, 5, 6)),
        "kernel_size": Choice((2, 3, 5)),
        "dropout": Uniform(0.0, 0.4),
        "activation": Choice(("relu", "leaky_relu", "prelu", "gelu", "silu")),
        "weight_normalization": Choice((True, False)),
        "pooling": Choice(("last", "average", "attention")),
        "kernel_initializer": Choice(("he_normal", "glorot_uniform")),
    },
    "training": {
        "learning_rate": LogUniform(3e-4, 5e-3),
        "weight_decay": LogUniform(1e-3, 0.3),
        "label_smoothing": Uniform(0.0, 0.2),
        "epochs": 12,
    },
}

# Seconds to a minute for each trial.
QUICK: Space = {
    "model": {
        "hidden": Choice((16, 32, 64)),
        "levels": Choice((4, 5)),
        "dropout": Uniform(0.0, 0.3),
    },
    "training": {
        "learning_rate": LogUniform(1e-3, 1e-2),
        "epochs": 6,
    },
}
