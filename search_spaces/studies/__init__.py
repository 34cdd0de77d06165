"""Studies as plain data, one file for each."""

from kerashar.search_spaces.studies import har, images
from kerashar.studies.study import Study

_STUDIES = {
    "har": {"full": har.STUDY, "quick": har.QUICK},
    "images": {"full": images.STUDY, "quick": images.QUICK},
}


def study(name: str, size: str = "full") -> Study:
    """A study that ships: `"har"` of windows of sensor signals, or `"images"` of small images.

    Args:
        name: of the study.
        size: `"full"`, or `"quick"` for one that takes minutes: to see a study from end to end.

    Raises:
        ValueError: an unknown study or size; the nearest right one is named.

    Example:
        >>> study("har", "quick").data
        'watch'
    """
    from kerashar.names import unknown_name

    if name not in _STUDIES:
        raise unknown_name("study", name, _STUDIES)
    if size not in _STUDIES[name]:
        raise unknown_name("size of study", size, _STUDIES[name])
    return _STUDIES[name][size]


def list_studies() -> list[str]:
    """Names of the studies that ship."""
    return sorted(_STUDIES)
