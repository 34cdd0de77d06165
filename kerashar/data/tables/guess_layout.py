"""Guessing what the columns of a table mean, and asking where a guess could be wrong."""

import re
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np

from kerashar.data.progress import show_progress
from kerashar.data.tables.acceleration_unit import acceleration_unit
from kerashar.data.tables.column_names import kind_and_axis, role_of, triples, unit_in
from kerashar.data.tables.header import Header, read_headers
from kerashar.data.tables.sample import Sample
from kerashar.data.tables.subject_names import subject_from
from kerashar.data.tables.table_files import table_files
from kerashar.data.tables.table_layout import FROM_FILE, FROM_FOLDER, SECONDS, TableLayout
from kerashar.data.tables.table_rows import read_sample
from kerashar.data.tables.time_stamps import agree, guess_time_unit, measured_rate, usual_rate
from kerashar.names import unknown_name

_ROWS = 2000  # looked at per table; 40 s at 50 Hz
_FILES = 20  # looked into, spread over the folder; reading checks the others
BY_GRAVITY = "median norm"  # how the reason for a guessed unit of acceleration begins
_MOST_REPEATED = 0.2  # share of stamps that are the one before; more of them come from a clock that is too coarse


def guess_layout(
    source: Path | str,
    *,
    separator: str | None = None,
    time: str | None = None,
    time_unit: str | None = None,
    rate: float | None = None,
    subject: str | None = None,
    recording: str | None = None,
    label: str | None = None,
    channels: Sequence[str] | Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    change_rate: bool = False,
    only: Collection[str] = (),
) -> TableLayout:
    """Guess what the columns of a table, or of a folder of tables, mean.

    Use it before `read_tables` or `import_recordings`, and look at what it found: `layout.reasons` says why.
    What is given is not guessed, and what could be read in two ways is refused.

    Args:
        source: a CSV or Parquet file, or a folder of such files with the same columns.
        separator: what stands between the cells of CSV files.
        time: the column of time stamps; "" says that there is none and samples are regular.
        time_unit: "s", "ms", "us" or "ns" where stamps are numbers.
        rate: samples per second (Hz); needed without stamps.
        subject: the column that says who was measured; "@file" or "@folder" take the file's or folder's name.
        recording: the column that tells recordings of a subject apart; "" says that there is none.
        label: the column of labels; "" says that there is none, and all samples get the label `"unlabelled"`.
        channels: the columns that were measured, or by the column's name the name of the channel.
        units: by channel, or by what its axes share (such as "acceleration"), the unit.
        change_rate: whether stamps may have another rate than `rate`.
        only: names of the channels that are needed, where others don't matter; none takes all.

    Raises:
        FileNotFoundError: there is no such file or folder.
        ValueError: a table is damaged or differs from the others, or a guess would be one of several.

    Example:
        >>> import tempfile
        >>> table = Path(tempfile.mkdtemp()) / "walk.csv"
        >>> rows = [f"{number / 50},anna,walking,0.1,0.2,{0.9 + number % 2 / 10}" for number in range(100)]
        >>> _ = table.write_text("\\n".join(["time,person,activity,ax,ay,az", *rows]))
        >>> layout = guess_layout(table)
        >>> layout.rate, layout.label, list(layout.channels.values()), layout.units
        (50.0, 'activity', ['acceleration_x', 'acceleration_y', 'acceleration_z'], ('g', 'g', 'g'))
    """
    source = Path(source)
    if rate is not None and not (np.isfinite(rate) and rate > 0):
        raise ValueError(f"Expected a positive rate in Hz. Received: rate={rate}.")
    files = table_files(source)
    headers = read_headers(files, separator)
    header = headers[files[0]]
    for column in (time, recording, label, *(channels or ())):
        if column and column not in header.columns:
            raise unknown_name("column", column, [name for name in header.columns if name])
    spread = [files[place] for place in np.unique(np.linspace(0, len(files) - 1, _FILES).round().astype(int))]
    sample = Sample(
        {
            path: read_sample(path, headers[path], _ROWS)
            for path in show_progress(spread, "Looking at tables", len(spread), sys.stderr)
        }
    )
    reasons: dict[str, str] = {}
    if header.separator is not None:
        reasons["separator"] = "in most lines" if separator is None else "given"
    roles = _Roles(header, reasons)
    if rate is None:
        time = roles.need("time", time, ", or give --rate where samples are regular")
    else:
        time = roles.find("time", time)
    label = roles.find("label", label) if label == "" else roles.need("label", label, " ('' if there is none)")
    recording = roles.find("recording", recording)
    if subject not in (FROM_FILE, FROM_FOLDER):
        subject = roles.find("subject", subject)
    if subject is None:
        subject = _guess_subject_source(source, files, reasons)
    keys = [column for column in (subject, recording) if column in header.columns]
    time_unit, rate = _guess_time(sample, time, time_unit, rate, keys, reasons, change_rate)
    used = {time, label, recording, subject}
    channels = _guess_channels(header, sample, used, channels, reasons)
    if missing := sorted(set(only) - set(channels.values())):
        raise ValueError(
            f"Expected columns of the channels {sorted(only)}. Received: {list(channels.values())} in {source}, "
            f"without {missing}. Say which columns they are, such as --channel COLUMN={missing[0]}."
        )
    channels = {column: name for column, name in channels.items() if not only or name in only}
    layout = TableLayout(
        columns=header.columns,
        separator=header.separator,
        decimal=sample.decimal,
        time=time,
        time_unit=time_unit,
        rate=rate,
        subject=subject,
        recording=recording,
        label=label,
        channels=channels,
        units=_guess_units(sample, channels, units or {}, reasons),
        reasons=reasons,
    )
    if label is not None:
        _check_labels(sample, label)
    return layout


class _Roles:
    """Finds the columns that aren't channels, by their names."""

    def __init__(self, header: Header, reasons: dict[str, str]) -> None:
        self.columns = [column for column in header.columns if column]
        self.reasons = reasons

    def find(self, role: str, given: str | None) -> str | None:
        """The column of that role, if there is one."""
        if given is not None:
            self.reasons[role] = "given"
            return given or None
        found = [column for column in self.columns if role_of(column) == role]
        if len(found) > 1:
            raise ValueError(f"Expected one column of the {role}. Received: {found}. Choose with {_option(role)}.")
        if found:
            self.reasons[role] = "by its name"
            return found[0]
        return None

    def need(self, role: str, given: str | None, hint: str = "") -> str:
        """The column of that role."""
        column = self.find(role, given)
        if column is None:
            raise ValueError(
                f"Expected a column named like a {role}. Received: {self.columns}. Name it with {_option(role)}{hint}."
            )
        return column


def _option(role: str) -> str:
    return "--time-column" if role == "time" else f"--{role}"


def _guess_subject_source(source: Path, files: list[Path], reasons: dict[str, str]) -> str:
    """Who was measured, where no column says it: numbered folders, or numbered files."""
    for choice in (FROM_FOLDER, FROM_FILE):
        try:
            subjects = {subject_from(choice, source, path, numbered=True) for path in files}
        except ValueError:
            continue
        reasons["subject"] = f"from the names: {', '.join(sorted(subjects)[:5])}{', ...' if len(subjects) > 5 else ''}"
        return choice
    raise ValueError(
        f"Expected a column that says who was measured in {source}. Received: none named like it, and files or folders "
        f"that aren't numbered, such as subject03. Name it with --subject COLUMN, --subject {FROM_FILE} or "
        f"--subject {FROM_FOLDER}."
    )


def _guess_time(
    sample: Sample,
    time: str | None,
    unit: str | None,
    rate: float | None,
    keys: list[str],
    reasons: dict[str, str],
    change_rate: bool,
) -> tuple[str, float]:
    if time is None:
        if rate is None:
            raise ValueError("Expected --rate where there is no column of time. Received: neither.")
        reasons["rate"] = "given; samples are taken as regular"
        return "s", rate
    first = sample.text(time).drop_null()[:1].to_pylist()
    numbers = sample.numbers(time)
    if numbers is None:
        dates = sample.dates(time)
        if dates is None or not first:
            raise ValueError(
                f"Expected time as numbers or as dates such as 2024-05-01T12:00:00.020 in column {time!r}. "
                f"Received: {first[0] if first else 'no value'!r}. Choose a column with --time-column."
            )
        found, stamps = dates
        if unit not in (None, found):
            raise ValueError(f"Expected numbers in {time!r} for unit {unit!r}. Received: dates. Leave out --time-unit.")
        if len(stamps) < sum(table.num_rows for table in sample.tables.values()):
            raise ValueError(f"Expected a time in every row. Received: empty cells in {time!r}. Remove such rows.")
        unit, parts = found, sample.steps((stamps - stamps[0]).astype(float), keys)
        reasons["time unit"] = "dates of ISO 8601"
    else:
        finite = numbers[np.isfinite(numbers)]
        parts = sample.steps(numbers, keys)
        if unit is None:
            steps = np.concatenate(parts)
            unit = guess_time_unit(finite[0], steps, None if change_rate else rate) if len(finite) else None
            reasons["time unit"] = "from the stamps"
            if unit is None:
                step = np.median(steps) if len(steps) else None
                raise ValueError(
                    f"Expected stamps whose unit shows. Received: steps of {step} in {time!r}. "
                    "Give --time-unit s, ms, us or ns; if it counts samples, give --time-column '' and --rate."
                )
        elif unit not in ("s", "ms", "us", "ns"):
            raise unknown_name("unit of time", unit, ("s", "ms", "us", "ns"))
        else:
            reasons["time unit"] = "given"
    seconds = np.concatenate(parts) * SECONDS[unit]
    found_rate = measured_rate(seconds)
    if found_rate is None or np.mean(seconds == 0) > _MOST_REPEATED:
        raise ValueError(
            f"Expected stamps that tell samples apart in {time!r}. Received: {np.count_nonzero(seconds > 0)} "
            f"in {len(seconds) + 1} rows. If samples are regular, give --time-column '' and --rate."
        )
    rates = {path: measured_rate(part * SECONDS[unit]) for path, part in zip(sample.tables, parts, strict=True)}
    if rate is None:
        _check_one_rate({path: found for path, found in rates.items() if found is not None})
        reasons["rate"] = f"from the stamps: {found_rate:.4g} Hz"
        return unit, usual_rate(found_rate)
    check_rate(found_rate, rate, f"column {time!r}", change_rate)
    reasons["rate"] = f"given; stamps: {found_rate:.4g} Hz"
    return unit, rate


def _check_one_rate(rates: dict[Path, float]) -> None:
    slowest, fastest = min(rates, key=rates.__getitem__), max(rates, key=rates.__getitem__)
    if not agree(rates[slowest], rates[fastest]):
        raise ValueError(
            f"Expected tables of one rate. Received: {rates[slowest]:.4g} Hz in {slowest} and {rates[fastest]:.4g} Hz "
            f"in {fastest}. Bring them to one by --rate and --change-rate."
        )


def check_rate(found: float, rate: float, where: str, change_rate: bool) -> None:
    """Refuse a rate that the stamps don't have, unless it may be changed."""
    if not change_rate and not agree(found, rate):
        raise ValueError(
            f"Expected {rate:g} Hz within a few percent in {where}. Received: stamps of {found:.4g} Hz. "
            "Correct --rate or --time-unit, or let --change-rate bring all to --rate."
        )


def _guess_channels(
    header: Header,
    sample: Sample,
    used: set[str | None],
    given: Sequence[str] | Mapping[str, str] | None,
    reasons: dict[str, str],
) -> dict[str, str]:
    if given is not None:
        reasons["channels"] = "given"
        channels = dict(given) if isinstance(given, Mapping) else {column: column for column in given}
        for column in channels:
            if sample.numbers(column) is None:
                raise ValueError(f"Expected numbers in the channel {column!r}. Received: text, or no value.")
        return channels
    columns = [
        column
        for column in header.columns
        if column and column not in used and role_of(column) is None and sample.numbers(column) is not None
    ]
    if not columns:
        raise ValueError(f"Expected a numeric column that can be a channel. Received: {list(header.columns)}.")
    reasons["channels"] = "the other numeric columns"
    names = {column: column for column in columns}
    found = triples(columns)
    for kind, axes in found:
        if [other for other, _ in found].count(kind) == 1:
            names.update({column: f"{kind}_{axis}" for axis, column in axes.items()})
    return names


def _guess_units(
    sample: Sample, channels: dict[str, str], given: Mapping[str, str], reasons: dict[str, str]
) -> tuple[str, ...]:
    norms: dict[str, np.ndarray] = {}
    for kind, axes in triples(channels):
        if kind == "acceleration":
            norm: np.ndarray = np.linalg.norm(np.array([sample.numbers(axes[axis]) for axis in axes], float), axis=0)
            norms |= dict.fromkeys(axes.values(), norm)
    units, unused = [], set(given)
    for column, channel in channels.items():
        kind = (kind_and_axis(channel) or kind_and_axis(column) or ("",))[0]
        names = [name for name in (channel, column, re.sub(r"_?[xyz]$", "", channel), kind) if name in given]
        unused -= set(names)
        unit, reason = (given[names[0]], "given") if names else (unit_in(column), "in the column's name")
        if unit is None and column in norms:
            reason = f"{BY_GRAVITY} {np.nanmedian(norms[column]):.3g}"
            found = {acceleration_unit(part) for part in sample.split(norms[column]) if np.isfinite(part).any()}
            unit = found.pop() if len(found) == 1 else None
        if unit is None and kind in ("acceleration", "angular_rate"):
            choices = "g or m/s2" if kind == "acceleration" else "rad/s or deg/s"
            seen = f" with a {reason}" if column in norms else ""
            raise ValueError(
                f"Expected the unit of {channel!r}. Received: column {column!r}{seen}. "
                f"Give --unit {kind}=UNIT with {choices}."
            )
        units.append(unit or "unknown")
        reasons[f"unit of {channel}"] = reason if unit else "not stated"
    if unused:
        raise unknown_name("channel for --unit", sorted(unused)[0], channels.values())
    return tuple(units)


def _check_labels(sample: Sample, label: str) -> None:
    """Refuse a column of notes or measurements: labels come in runs."""
    text = sample.text(label).drop_null()
    distinct = len(text.unique())
    if distinct > 20 and distinct > 0.5 * len(text):
        raise ValueError(
            f"Expected a few labels that go on for seconds in column {label!r}. Received: {distinct} different ones in "
            f"{len(text)} rows, such as {text[0].as_py()[:60]!r}. Choose the column with --label."
        )
