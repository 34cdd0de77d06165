"""What a column's name says about what is in it."""

import re
from collections.abc import Iterable

_UNITS = {
    "g": "g",
    "m/s2": "m/s2",
    "m/s^2": "m/s2",
    "m/s²": "m/s2",
    "rad/s": "rad/s",
    "deg/s": "deg/s",
    "°/s": "deg/s",
    "dps": "deg/s",
    "ut": "uT",
    "µt": "uT",
}
_KINDS = {
    "acceleration": ("a", "acc", "accel", "acceleration", "accelerometer"),
    "angular_rate": ("g", "w", "gyr", "gyro", "gyroscope", "angularrate", "angularvelocity", "rotationrate"),
    "magnetic_field": ("m", "mag", "magnetometer", "magneticfield"),
}
_ROLES = {
    "time": {"time", "timestamp", "timestamps", "stamp", "datetime", "date", "epoch", "t", "ts", "zeit"},
    "subject": {"subject", "subjects", "subj", "person", "participant", "user", "volunteer", "patient"},
    "recording": {"recording", "session", "trial", "run", "experiment", "sequence", "file"},
    "label": {"label", "labels", "activity", "activities", "class", "target", "annotation"},
    "counter": {"index", "row", "sample", "id", "number", "no", "seq", "unnamed", "counter"},
}
# Words beside the one that tells the role: "subject_id" names a subject, "user_acceleration_x" doesn't.
_BESIDE = {
    *("id", "name", "number", "no", "nr", "code", "unix", "utc", "local", "elapsed", "sensor", "device"),
    *("s", "sec", "seconds", "ms", "millis", "milliseconds", "us", "ns", "in", "true", "0"),
}


def role_of(column: str) -> str | None:
    """The role that a column's name stands for, None for a channel's name.

    Example:
        >>> role_of("Subject ID"), role_of("userAcceleration.x")
        ('subject', None)
    """
    words = set(_words(column))
    if not words:
        return "counter"
    for role, names in _ROLES.items():
        if words & names and words <= names | _BESIDE:
            return role
    return None


def kind_and_axis(column: str) -> tuple[str, str, str] | None:
    """What is measured, along which axis, and what else the name says; None where the name says no such thing.

    Example:
        >>> kind_and_axis("wrist_acc_x"), kind_and_axis("gyroZ"), kind_and_axis("heart_rate")
        (('acceleration', 'x', 'wrist'), ('angular_rate', 'z', ''), None)
    """
    words = _words(column)
    for count in (1, 2):
        for start in range(len(words) - count + 1):
            rest = words[:start] + words[start + count :]
            word = "".join(words[start : start + count])
            for kind, names in _KINDS.items():
                if word[:-1] in names and word[-1] in "xyz":
                    return kind, word[-1], "_".join(rest)
                axes = [one for one in rest if one in ("x", "y", "z")]
                if word in names and len(axes) == 1:
                    rest.remove(axes[0])
                    return kind, axes[0], "_".join(rest)
    return None


def unit_in(column: str) -> str | None:
    """The unit that stands in brackets in a column's name.

    Example:
        >>> unit_in("Acc X (m/s²)")
        'm/s2'
    """
    found = re.search(r"[\[(]\s*([^\])]+?)\s*[\])]", column)
    return _UNITS.get(found[1].lower()) if found else None


def triples(columns: Iterable[str]) -> list[tuple[str, dict[str, str]]]:
    """Columns of the three axes of one sensor: what it measures, and by axis the column.

    Example:
        >>> triples(["ax", "ay", "az", "gx"])
        [('acceleration', {'x': 'ax', 'y': 'ay', 'z': 'az'})]
    """
    sensors: dict[tuple[str, str], dict[str, str]] = {}
    for column in columns:
        if found := kind_and_axis(column):
            kind, axis, rest = found
            sensors.setdefault((kind, rest), {})[axis] = column
    return [(kind, dict(sorted(axes.items()))) for (kind, _), axes in sensors.items() if len(axes) == 3]


def _words(column: str) -> list[str]:
    text = re.sub(r"[\[(].*?[\])]", " ", column)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return re.findall(r"[^\W_]+", text.lower())
