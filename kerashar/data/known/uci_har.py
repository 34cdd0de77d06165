"""UCI-HAR: a phone on the waist, in the windows of its publisher."""

from kerashar.data.data_set import DataSet
from kerashar.data.known.built import built_with
from kerashar.data.known.hapt import HAPT

UCI_HAR = DataSet(
    name="uci_har",
    title="Phone on the waist, windows of the publisher (UCI-HAR)",
    citation=(
        "Anguita, D., Ghio, A., Oneto, L., Parra, X., Reyes-Ortiz, J.-L.: A Public Domain Dataset for Human "
        "Activity Recognition Using Smartphones. ESANN (2013), 437-442."
    ),
    licence="CC BY 4.0 (UCI); the archive's README: cite the authors, no commercial use",
    url="https://doi.org/10.24432/C54S4K",
    placement="phone on the waist",
    class_names=HAPT.class_names,
    dropped_labels=(),
    window_seconds=2.56,
    overlap=0.5,
    rate=50.0,
    subjects=HAPT.subjects,  # the same people, measured once
    test_subjects=HAPT.test_subjects,  # the publisher's own
    recordings=built_with("uci_har", "UciHar"),
)
