"""Search spaces of ResNet1D (Wang et al., IJCNN 2017), plain, with squeeze-and-excitation, and with attention.

Command: kerashar search resnet1d --data hapt --archive hapt.zip --trials 16
Expect:  docs/models.md gives score, time and machine of the middle of QUICK.
"""

from kerashar.search.domains import Choice, LogUniform, Space, Uniform

SPACE: Space = {
    "model": {
        "width": Choice((16, 32, 64)),
        "depth": Choice((2, 3, 4)),
        "block": Choice(("basic", "bottleneck", "multi_scale")),
        "pre_activation": Choice((False, True)),
        "normalization": Choice(("batch", "layer", "group")),
        "activation": Choice(("relu", "leaky_relu", "prelu", "gelu", "silu")),
        "residual_scale": Choice((0.1, 1.0)),
        "pooling": Choice(("average", "average_max", "attention")),
        "kernel_initializer": Choice(("he_normal", "glorot_uniform")),
        "dropout": Uniform(0.0, 0.4),
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
        "depth": Choice((2, 3)),
        "dropout": Uniform(0.0, 0.3),
    },
    "training": {
        "learning_rate": LogUniform(1e-3, 1e-2),
        "epochs": 6,
    },
}

_REDUCTIONS, _HEADS = Choice((4, 8, 16)), Choice((1, 2, 4))

SQUEEZE_SPACE: Space = {**SPACE, "model": {**SPACE["model"], "squeeze_reduction": _REDUCTIONS}}
SQUEEZE_QUICK: Space = {**QUICK, "model": {**QUICK["model"], "squeeze_reduction": _REDUCTIONS}}
ATTENTION_SPACE: Space = {**SPACE, "model": {**SPACE["model"], "attention_heads": _HEADS}}
ATTENTION_QUICK: Space = {**QUICK, "model": {**QUICK["model"], "attention_heads": _HEADS}}
