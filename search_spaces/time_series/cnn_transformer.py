"""Search space of CNN-Transformer (after Zhang et al., IMWUT 2022).

Command: kerashar search cnn_transformer --data hapt --archive hapt.zip --trials 16
Expect:  docs/models.md gives score, time and machine of the middle of QUICK.
"""

from kerashar.search.domains import Choice, LogUniform, Space, Uniform

SPACE: Space = {
    "model": {
        "width": Choice((32, 64, 96)),
        "depth": Choice((2, 3, 4)),
        "kernel_size": Choice((3, 5, 9)),
        "blocks": Choice((1, 2, 4)),
        "heads": Choice((2, 4, 8)),
        "expansion": Choice((2, 4)),
        "normalization": Choice(("batch", "layer", "group")),
        "activation": Choice(("relu", "leaky_relu", "prelu", "gelu", "silu")),
        "pooling": Choice(("average", "average_max", "attention")),
        "dropout": Uniform(0.0, 0.4),
    },
    "training": {
        "learning_rate": LogUniform(3e-4, 3e-3),
        "weight_decay": LogUniform(1e-3, 0.3),
        "label_smoothing": Uniform(0.0, 0.2),
        "epochs": 12,
    },
}

# Seconds to a minute for each trial.
QUICK: Space = {
    "model": {
        "width": Choice((16, 32, 64)),
        "depth": Choice((2, 3)),
        "blocks": Choice((1, 2)),
        "dropout": Uniform(0.0, 0.3),
    },
    "training": {
        "learning_rate": LogUniform(5e-4, 5e-3),
        "epochs": 8,
    },
}
