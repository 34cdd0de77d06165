"""What all splits have in common: three sides of one make that share nothing."""

from collections.abc import Iterator
from functools import cached_property
from itertools import combinations
from typing import Any, ClassVar


class DisjointSplit:
    """Three sides of one make that share nothing; what `SubjectSplit` and `ImageSplit` are.

    Use it to split something else than windows or images: a frozen dataclass that derives from it has the fields
    `train`, `validation`, `test` and `allow_leakage`, says what its items are, and finds what two sides share.

    Raises:
        ValueError: two sides share something without `allow_leakage`, a side is empty, or the sides differ.

    Example:
        >>> from kerashar.data import SubjectSplit
        >>> issubclass(SubjectSplit, DisjointSplit)
        True
    """

    item: ClassVar[str]  # what a side is made of, in the singular
    alike: ClassVar[tuple[str, ...]]  # attributes that are the same on each side
    clean: ClassVar[str]  # the sentence for reports where nothing is shared
    remedy: ClassVar[str]  # what to do about what is shared
    train: Any
    validation: Any
    test: Any
    allow_leakage: str | None

    def __post_init__(self) -> None:
        if self.allow_leakage is not None and (
            not isinstance(self.allow_leakage, str) or not self.allow_leakage.strip()
        ):
            raise ValueError(
                "Expected allow_leakage to be None or the reason as text, which reports print. "
                f"Received: {self.allow_leakage!r}."
            )
        for name, side in self._sides().items():
            if not len(side):
                raise ValueError(f"Expected {self.item}s on every side. Received: no {self.item} in {name}.")
            for field in self.alike:
                ours, theirs = getattr(self.train, field), getattr(side, field)
                if ours != theirs:
                    raise ValueError(
                        f"Expected the same {field} on every side. Received: {ours} in train, {theirs} in {name}."
                    )
        if self._leaks and self.allow_leakage is None:
            raise ValueError(
                f"Expected sides that share nothing. Received: {'; '.join(self._leaks)}. "
                f'{self.remedy}, or pass allow_leakage="the reason" if it is meant.'
            )

    @property
    def leakage_note(self) -> str:
        """One sentence for reports: that nothing is shared, or what is and why it was allowed."""
        if not self._leaks:
            return self.clean
        return f"Leakage allowed ({self.allow_leakage}): {'; '.join(self._leaks)}."

    def shared(self, name: str, other_name: str) -> Iterator[str]:
        """What two sides share, a phrase for each kind."""
        raise NotImplementedError

    def _sides(self) -> dict[str, Any]:
        return {"train": self.train, "validation": self.validation, "test": self.test}

    @cached_property
    def _leaks(self) -> list[str]:
        return [leak for names in combinations(self._sides(), 2) for leak in self.shared(*names)]
