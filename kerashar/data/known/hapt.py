"""HAPT: a phone on the waist."""

from collections.abc import Iterator
from pathlib import Path

from kerashar.data.data_set import DataSet
from kerashar.data.known.built import built_with
from kerashar.data.recording import Recording

_SIX_CHANNELS = built_with("hapt", "Hapt")


def _hapt_recordings(archive: Path | str | None = None, cache: Path | str | None = None) -> Iterator[Recording]:
    from kerashar.data.gravity import separate_gravity

    return map(separate_gravity, _SIX_CHANNELS(archive, cache))


HAPT = DataSet(
    name="hapt",
    title="Phone on the waist, everyday activities (UCI HAPT)",
    citation=(
        "Reyes-Ortiz, J.-L., Oneto, L., Samà, A., Parra, X., Anguita, D.: Transition-Aware Human "
        "Activity Recognition Using Smartphones. Neurocomputing 171 (2016), 754-767."
    ),
    licence="research use with citation, no commercial use",
    url="https://doi.org/10.24432/C54G7M",
    placement="phone on the waist",
    class_names=(
        "walking",
        "walking_upstairs",
        "walking_downstairs",
        "sitting",
        "standing",
        "laying",
    ),
    dropped_labels=(
        "stand_to_sit",
        "sit_to_stand",
        "sit_to_lie",
        "lie_to_sit",
        "stand_to_lie",
        "lie_to_stand",
    ),
    window_seconds=2.56,
    overlap=0.5,
    rate=50.0,
    subjects=tuple(f"{number:02}" for number in range(1, 31)),
    # UCI-HAR's official test subjects.
    test_subjects=("02", "04", "09", "10", "12", "13", "18", "20", "24"),
    recordings=_hapt_recordings,
    raw_recordings=_SIX_CHANNELS,
)
