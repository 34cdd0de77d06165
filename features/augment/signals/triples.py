"""Channels that are the three axes of one sensor."""

from collections.abc import Sequence

from kerashar.features.arrays.orientation import known_triples

Triples = str | Sequence[Sequence[int]]


def check_triples(triples: Triples | None) -> None:
    """Refuse what is neither `"consecutive"` nor a list of triples in which no channel occurs twice."""
    if triples is None or triples == "consecutive":
        return
    known = isinstance(triples, (tuple, list)) and all(isinstance(triple, (tuple, list)) for triple in triples)
    flat = [channel for triple in triples for channel in triple] if known else []
    whole = all(isinstance(channel, int) and channel >= 0 for channel in flat)
    if not flat or not whole or len(set(flat)) < len(flat) or any(len(triple) != 3 for triple in triples):
        raise ValueError(
            'Expected triples to be "consecutive", or triples of different channels such as ((0, 1, 2), (3, 4, 5)). '
            f"Received: triples={triples!r}."
        )


def check_triples_fit(triples: Triples | None, channels: int) -> None:
    """Refuse triples that a window of so many channels doesn't have."""
    if triples == "consecutive" and channels % 3:
        raise ValueError(
            f'Expected a multiple of 3 channels with triples="consecutive", else name the triples. '
            f"Received: channels={channels}."
        )
    if any(channel >= channels for triple in channel_triples(triples, channels) for channel in triple):
        raise ValueError(f"Expected triples of channels below {channels}. Received: triples={triples!r}.")


def channel_triples(triples: Triples | None, channels: int) -> list[tuple[int, ...]]:
    """The triples as numbers of channels; none for None."""
    if triples is None:
        return []
    given = None if isinstance(triples, str) else triples
    return [tuple(triple) for triple in known_triples(given, channels).tolist()]


def channel_groups(triples: Triples | None, channels: int) -> list[int]:
    """The group of each channel: a triple is one, and so is each channel that belongs to none."""
    triple_of = {channel: triple for triple in channel_triples(triples, channels) for channel in triple}
    firsts = [min(triple_of.get(channel, (channel,))) for channel in range(channels)]
    numbers = {first: number for number, first in enumerate(sorted(set(firsts)))}
    return [numbers[first] for first in firsts]
