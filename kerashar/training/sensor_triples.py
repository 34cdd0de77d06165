"""Which channels are the axes of one sensor."""

from collections.abc import Sequence


def sensor_triples(channels: Sequence[str]) -> list[tuple[int, ...]] | None:
    """The numbers of channels with names such as total_acceleration_x, _y, _z; None where there are none.

    Example:
        >>> sensor_triples(("time", "gyroscope_x", "gyroscope_y", "gyroscope_z"))
        [(1, 2, 3)]
    """
    number = {name: index for index, name in enumerate(channels)}
    sensors = [name.removesuffix("_x") for name in channels if name.endswith("_x")]
    triples = [tuple(number.get(f"{sensor}_{axis}", -1) for axis in "xyz") for sensor in sensors]
    return [triple for triple in triples if -1 not in triple] or None
