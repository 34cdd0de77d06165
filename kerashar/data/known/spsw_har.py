"""SP-SW-HAR: phone and watch during short walks from a chair and back."""

from dataclasses import replace

from kerashar.data.data_set import DataSet
from kerashar.data.known.built import built_with

SPSW_HAR = DataSet(
    name="spsw_har",
    title="Phone and watch, rising, walking, turning and sitting down (SP-SW-HAR)",
    citation=(
        "Matey-Sanz, M., Casteleyn, S., Granell, C.: Dataset of inertial measurements of smartphones and "
        "smartwatches for human activity recognition. Data in Brief 51 (2023), 109809."
    ),
    licence="CC BY 4.0",
    url="https://doi.org/10.5281/zenodo.8398688",
    placement="phone in the left front pocket, in any of four orientations; watch on the left wrist",
    class_names=("seated", "standing_up", "walking", "turning", "sitting_down"),
    dropped_labels=(),
    # A window of 1 s fits into 70 % of the turns and 81 % of the times somebody stands up; one of 1.28 s into 25 %
    # and 35 %, and one of 2.56 s into hardly anything but walking.
    window_seconds=1.0,
    overlap=0.5,
    rate=50.0,
    subjects=tuple(f"s{number:02}" for number in range(1, 24)),
    # Nobody published a split: these five were fixed before anything was trained.
    test_subjects=("s03", "s08", "s13", "s18", "s23"),
    recordings=built_with("spsw_har", "SpSwHar"),
)

SPSW_HAR_PHONE = replace(
    SPSW_HAR,
    name="spsw_har_phone",
    title="Phone, rising, walking, turning and sitting down (SP-SW-HAR)",
    placement="phone in the left front pocket, in any of four orientations",
    recordings=built_with("spsw_har", "SpSwHarPhone"),
)

SPSW_HAR_WATCH = replace(
    SPSW_HAR,
    name="spsw_har_watch",
    title="Watch, rising, walking, turning and sitting down (SP-SW-HAR)",
    placement="watch on the left wrist",
    recordings=built_with("spsw_har", "SpSwHarWatch"),
)
