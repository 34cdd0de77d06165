"""MotionSense: a phone in the front trouser pocket."""

from kerashar.data.data_set import DataSet
from kerashar.data.known.built import built_with

MOTION_SENSE = DataSet(
    name="motion_sense",
    title="Phone in the front pocket, everyday activities (MotionSense)",
    citation=(
        "Malekzadeh, M., Clegg, R. G., Cavallaro, A., Haddadi, H.: Mobile Sensor Data Anonymization. "
        "IoTDI (2019), 49-58."
    ),
    licence="MIT (the repository's)",
    url="https://github.com/mmalekzadeh/motion-sense",
    placement="phone in the front trouser pocket",
    class_names=("downstairs", "upstairs", "walking", "jogging", "sitting", "standing"),
    dropped_labels=(),
    window_seconds=2.56,
    overlap=0.5,
    rate=50.0,
    subjects=tuple(f"{number:02}" for number in range(1, 25)),
    # The publisher split by trial, which puts each subject on both sides: these five were fixed before anything
    # was trained.
    test_subjects=("05", "10", "15", "20", "24"),
    recordings=built_with("motion_sense", "MotionSense"),
)
