"""WISDM of 2019: phone or watch during eighteen activities."""

from dataclasses import replace

from kerashar.data.data_set import DataSet
from kerashar.data.known.built import built_with

WISDM_PHONE = DataSet(
    name="wisdm_phone",
    title="Phone in a pocket, eighteen activities (WISDM 2019)",
    citation=(
        "Weiss, G. M., Yoneda, K., Hayajneh, T.: Smartphone and Smartwatch-Based Biometrics Using Activities of "
        "Daily Living. IEEE Access 7 (2019), 133190-133202."
    ),
    licence="CC BY 4.0",
    url="https://doi.org/10.24432/C5HK59",
    placement="phone in a trouser pocket",
    class_names=(
        "walking",
        "jogging",
        "stairs",
        "sitting",
        "standing",
        "typing",
        "teeth",
        "soup",
        "chips",
        "pasta",
        "drinking",
        "sandwich",
        "kicking",
        "catch",
        "dribbling",
        "writing",
        "clapping",
        "folding",
    ),
    dropped_labels=(),
    window_seconds=10.0,  # as in the publisher's table of features
    overlap=0.0,
    rate=20.0,
    subjects=tuple(str(number) for number in range(1600, 1651)),
    # Nobody published a split: every fifth subject was fixed before anything was trained.
    test_subjects=tuple(str(number) for number in range(1604, 1651, 5)),
    recordings=built_with("wisdm", "WisdmPhone"),
)

WISDM_WATCH = replace(
    WISDM_PHONE,
    name="wisdm_watch",
    title="Watch, eighteen activities (WISDM 2019)",
    placement="watch on the dominant hand",
    recordings=built_with("wisdm", "WisdmWatch"),
)
