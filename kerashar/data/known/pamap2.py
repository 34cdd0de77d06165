"""PAMAP2: sensors on hand, chest and ankle during everyday activities and sport."""

from kerashar.data.data_set import DataSet
from kerashar.data.known.built import built_with

PAMAP2 = DataSet(
    name="pamap2",
    title="Sensors on hand, chest and ankle, everyday activities and sport (PAMAP2)",
    citation=(
        "Reiss, A., Stricker, D.: Introducing a New Benchmarked Dataset for Activity Monitoring. ISWC (2012), 108-109."
    ),
    licence="CC BY 4.0",
    url="https://doi.org/10.24432/C5NW2H",
    placement="sensors on the wrist of the dominant arm, on the chest and on the ankle of the dominant side",
    class_names=(
        "lying",
        "sitting",
        "standing",
        "walking",
        "running",
        "cycling",
        "nordic_walking",
        "ascending_stairs",
        "descending_stairs",
        "vacuum_cleaning",
        "ironing",
        "rope_jumping",
    ),
    dropped_labels=(),
    window_seconds=5.12,
    overlap=1 - 1 / 5.12,  # the publisher's windows follow each other by 1 s
    rate=100.0,
    subjects=tuple(str(number) for number in range(101, 110)),
    # The publisher left out one subject after the other and fixed no split: these two, which others keep apart too
    # (Hammerla et al., IJCAI 2016), were fixed before anything was trained.
    test_subjects=("105", "106"),
    recordings=built_with("pamap2", "Pamap2"),
)
