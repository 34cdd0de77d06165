"""Search space of DilatedGroupConvNet (after Yu and Koltun, ICLR 2016, and Xie et al., CVPR 2017).

Command: python benchmarks/image_accuracy.py cifar10_images.zip --models dilated_group_conv_net --epochs 3
Expect:  docs/models.md gives accuracy, time and machine of the middle of QUICK.
"""

from kerashar.search.domains import Choice, LogUniform, Space, Uniform

SPACE: Space = {
    "model": {
        "widths": Choice(((64, 128), (32, 64, 128), (128, 256))),
        "blocks": Choice((1, 2, 3)),
        "kernel_size": Choice((3, 5, 7)),
        "dilation_rates": Choice(((1, 2), (1, 2, 4))),
        "groups": Choice((4, 8, 16)),
        "normalization": Choice(("batch", "layer", "group")),
        "activation": Choice(("relu", "leaky_relu", "prelu", "gelu", "silu")),
        "dropout": Uniform(0.0, 0.4),
    },
    "training": {
        "learning_rate": LogUniform(3e-4, 5e-3),
        "weight_decay": LogUniform(1e-3, 0.3),
        "label_smoothing": Uniform(0.0, 0.2),
        "epochs": 30,
    },
}

# Seconds to minutes for each trial on 5,000 images.
QUICK: Space = {
    "model": {
        "widths": Choice(((32,), (32, 64), (16, 32, 64))),
        "blocks": 1,
        "groups": Choice((4, 8)),
        "dropout": Uniform(0.0, 0.3),
    },
    "training": {
        "learning_rate": LogUniform(1e-3, 1e-2),
        "epochs": 5,
    },
}
