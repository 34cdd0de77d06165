"""Study of human activity recognition from wearable sensors.

Command: kerashar study har --data hapt --archive hapt.zip
Expect:  docs/study_hapt.md has the report of one on HAPT, with time and machine.

Plans of this kind are read from top to bottom: each stage is compared on top of what those before it kept.
"""

from kerashar.search.domains import Choice, LogUniform, Uniform
from kerashar.studies.comparison import Comparison, one_by_one
from kerashar.studies.distilling import Distilling
from kerashar.studies.joining import Joining
from kerashar.studies.small_search import SmallSearch
from kerashar.studies.study import Study

STUDY = Study(
    name="har",
    data="hapt",
    start={"model": "modern_tcn", "model_settings": {"hidden": 64}, "epochs": 12, "patience": 12},
    stages=(
        Comparison(
            "model family",
            {
                "tcn": {"model": "tcn"},
                "resnet1d": {"model": "resnet1d"},
                "se_resnet1d": {"model": "se_resnet1d"},
                "inception_time": {"model": "inception_time"},
                "deep_conv_lstm": {"model": "deep_conv_lstm"},
                "cnn_transformer": {"model": "cnn_transformer"},
            },
        ),
        Comparison(
            "depth and window",
            {
                "deeper": {"depth": 1},
                "shallower": {"depth": -1},
                "windows of 1.28 s": {"data_settings": {"seconds": 1.28}},
                "windows of 5.12 s": {"data_settings": {"seconds": 5.12}},
                "windows of 5.12 s, deeper": {"data_settings": {"seconds": 5.12}, "depth": 1},
            },
        ),
        *one_by_one(
            "features",
            {
                "jerk": {"features": {"jerk": True}},
                "magnitude": {"features": {"magnitude": True}},
                "difference of Gaussians": {"features": {"difference_of_gaussians": True}},
            },
        ),
        *one_by_one(
            "augmentation",
            {
                "rotation": {"augmentation": {"rotation3d": 15.0}},
                "scaling": {"augmentation": {"scaling": 0.1}},
                "jitter": {"augmentation": {"jitter": True}},
                "time warp": {"augmentation": {"time_warp": True}},
                "mixup": {"augmentation": {"mixup": 0.2}},
            },
        ),
        Comparison(
            "optimiser",
            {
                "AdamW, half the rate": {"learning_rate": 1e-3},
                "AdamW, twice the rate": {"learning_rate": 4e-3},
                "Muon": {"optimizer": "muon"},
                "ADOPT": {"optimizer": "adopt"},
                "Lion": {"optimizer": "lion", "learning_rate": 3e-4, "weight_decay": 0.3},
            },
        ),
        Comparison(
            "schedule",
            {"one cycle": {"schedule": "one_cycle"}, "linear": {"schedule": "linear"}},
        ),
        Comparison("class weights", {"balanced": {"class_weights": "balanced"}, "focal loss": {"loss": "focal"}}),
        SmallSearch(
            "regularisation",
            {
                "model": {"dropout": Uniform(0.0, 0.4)},
                "training": {
                    "weight_decay": LogUniform(1e-3, 0.3),
                    "label_smoothing": Uniform(0.0, 0.2),
                    "ema_momentum": Choice((None, 0.99)),
                },
            },
            trials=9,
        ),
        Comparison("long run", {"3 times the epochs": {"epochs": 36, "patience": 36}}),
        Joining(members=3),
        Distilling(members=3),
    ),
)

# Minutes: each kind of stage once, with models that learn little.
QUICK = Study(
    name="har-quick",
    data="watch",
    seeds=(1, 2),
    start={
        "model": "modern_tcn",
        "model_settings": {"hidden": 8, "blocks": 1},
        "split": "drawn",
        "epochs": 3,
        "patience": 3,
        "learning_rate": 5e-3,
    },
    stages=(
        Comparison(
            "model family",
            {
                "tcn": {"model": "tcn", "model_settings": {"hidden": 8, "levels": 2}},
                "resnet1d": {"model": "resnet1d", "model_settings": {"width": 4, "depth": 1}},
            },
            finalists=1,
        ),
        Comparison("depth and window", {"deeper, 5.12 s": {"depth": 1, "data_settings": {"seconds": 5.12}}}),
        *one_by_one("features", {"jerk": {"features": {"jerk": True}}}),
        *one_by_one("augmentation", {"rotation": {"augmentation": {"rotation3d": 15.0}}}),
        Comparison("optimiser", {"Muon": {"optimizer": "muon"}}),
        Comparison("schedule", {"one cycle": {"schedule": "one_cycle"}}),
        SmallSearch("regularisation", {"training": {"weight_decay": LogUniform(1e-3, 0.3)}}, trials=2),
        Comparison("long run", {"twice the epochs": {"epochs": 6, "patience": 6}}),
        Joining(members=2),
        Distilling(members=2),
    ),
)
