"""Search space of MobileNet V4 (Qin et al., ECCV 2024), each size.

Command: python benchmarks/image_accuracy.py cifar10_images.zip --models mobilenetv4_small
"""

from kerashar.search.domains import Choice, LogUniform, Space, Uniform

SPACE: Space = {
    "model": {
        "width": Choice((0.5, 0.75, 1.0)),
        "total_stride": Choice((4, 8, 16)),
        "stochastic_depth": Uniform(0.0, 0.2),
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
        "width": Choice((0.25, 0.5)),
        "total_stride": Choice((8, 16)),
        "dropout": Uniform(0.0, 0.3),
    },
    "training": {
        "learning_rate": LogUniform(1e-3, 1e-2),
        "epochs": 5,
    },
}
