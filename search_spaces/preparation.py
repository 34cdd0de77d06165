"""What may happen to windows ahead of any model: features switched on or off, and augmentations of some strength.

Command: kerashar search modern_tcn --data hapt --archive hapt.zip --also features --also augmentation
Expect:  docs/features.md says what ModernTCN reached with some of them on HAPT.
"""

from kerashar.search.domains import Choice, Space, Uniform

FEATURES: Space = {
    "features": {
        "jerk": Choice((False, True)),
        "magnitude": Choice((False, True)),
        "difference_of_gaussians": Choice((False, True)),
        "stationary_wavelet_transform": Choice((False, True)),
        "spectral_shape": Choice((False, True)),
    },
    "training": {"features_mode": Choice(("channels", "branch"))},
}
AUGMENTATION: Space = {
    "augmentation": {
        "signal_augment": Uniform(0.0, 1.0),  # the strength of its operations
        "mixup": Choice((False, 0.1, 0.4)),
    },
}
