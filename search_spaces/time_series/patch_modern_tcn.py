"""Search space of ModernTCN (Luo and Wang, ICLR 2024) in the published form.

Command: kerashar search patch_modern_tcn --data hapt --archive hapt.zip --trials 16
Expect:  docs/models.md gives score, time and machine of the middle of QUICK.
"""

from kerashar.search.domains import Choice, LogUniform, Space, Uniform

SPACE: Space = {
    "model": {
        "patch_stride": Choice((2, 4, 8)),
        "width": Choice((16, 32, 64)),
        "blocks": Choice((1, 2)),
        "large_kernels": Choice(((13,), (31,), (13, 11), (31, 29), (13, 11, 9))),
        "expansion": Choice((1, 2, 4)),
        "dropout": Uniform(0.0, 0.5),
        "head_dropout": Uniform(0.0, 0.7),
        "head": Choice(("flatten", "average", "attention")),
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
        "width": Choice((8, 16, 32)),
        "large_kernels": Choice(((13,), (13, 11), (21, 19))),
        "dropout": Uniform(0.0, 0.3),
    },
    "training": {
        "learning_rate": LogUniform(5e-4, 5e-3),
        "epochs": 6,
    },
}
