"""What the columns of a table of recordings mean."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any

from kerashar.names import unknown_name

# Seconds in a unit of time stamps; stamps as dates come in nanoseconds.
SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "datetime": 1e-9, "datetime with zone": 1e-9}
FROM_FILE, FROM_FOLDER = "@file", "@folder"  # where the subject is named when no column does


@dataclass(frozen=True)
class TableLayout:
    """What the columns of a table of recordings mean.

    Use `guess_layout` to get one from a file, and look at it before you read: a guess may be wrong.

    Args:
        columns: all column names of the table, in any order.
        separator: what stands between the cells of a CSV file; None for Parquet.
        decimal: "." or ",".
        time: the column of time stamps; None where samples are regular.
        time_unit: "s", "ms", "us", "ns", "datetime" (ISO 8601) or "datetime with zone".
        rate: samples per second (Hz).
        subject: the column that says who was measured, or "@file" or "@folder": their name says it.
        recording: the column that tells recordings of a subject apart; None where there is no such.
        label: the column of labels; a sample without one is not labelled. None where there is no such column: then all
            samples get the label `"unlabelled"`.
        channels: by the column's name the name of the channel.
        units: one per channel, such as "g" or "rad/s".
        reasons: by what was guessed the reason.

    Raises:
        ValueError: a column is not in the table or has two roles, or a value is out of its range.

    Example:
        >>> layout = TableLayout(("t", "who", "what", "ax"), ",", ".", "t", "ms", 50.0, "who", None, "what",
        ...                      {"ax": "acceleration_x"}, ("g",))
        >>> layout.roles()["who"]
        'subject'
    """

    columns: tuple[str, ...]
    separator: str | None
    decimal: str
    time: str | None
    time_unit: str
    rate: float
    subject: str
    recording: str | None
    label: str | None
    channels: dict[str, str]
    units: tuple[str, ...]
    reasons: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.time_unit not in SECONDS:
            raise unknown_name("unit of time", self.time_unit, SECONDS)
        if self.decimal not in (".", ","):
            raise ValueError(f"Expected decimal '.' or ','. Received: {self.decimal!r}.")
        if not (math.isfinite(self.rate) and self.rate > 0):
            raise ValueError(f"Expected a positive rate in Hz. Received: rate={self.rate}.")
        used = self.roles()
        for column in used:
            if column not in self.columns:
                raise unknown_name("column", column, self.columns)
        wanted = [self.time, self.recording, self.label, *self.channels]
        wanted += [] if self.subject in (FROM_FILE, FROM_FOLDER) else [self.subject]
        given = [column for column in wanted if column is not None]
        if twice := sorted({column for column in given if given.count(column) > 1}):
            raise ValueError(f"Expected one role per column. Received: two for {twice}.")
        if not self.channels or len(self.units) != len(self.channels):
            raise ValueError(
                f"Expected a channel or more, and one unit each. Received: channels={self.channels}, "
                f"units={self.units}."
            )
        if len(set(self.channels.values())) != len(self.channels):
            raise ValueError(f"Expected different channel names. Received: {list(self.channels.values())}.")

    def roles(self) -> dict[str, str]:
        """By the column's name what it is used for; columns that are left out are not in it."""
        roles = dict.fromkeys(self.channels, "channel")
        for column, role in ((self.time, "time"), (self.recording, "recording"), (self.label, "label")):
            if column is not None:
                roles[column] = role
        if self.subject not in (FROM_FILE, FROM_FOLDER):
            roles[self.subject] = "subject"
        return roles

    def to_json(self) -> dict[str, Any]:
        """The layout as plain data."""
        return asdict(self)
