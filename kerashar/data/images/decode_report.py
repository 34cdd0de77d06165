"""What came of decoding images."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DecodeReport:
    """What came of decoding images.

    Use it to state how many images a result leaves out; `decode_images` makes it.

    Args:
        found: how many files there were.
        quarantined: name and reason of each file that was left out.

    Example:
        >>> str(DecodeReport(200, (("cat/7.jpg", "image file is truncated"),)))
        '199 of 200 images decoded, 1 left out (0.50 %): first cat/7.jpg, image file is truncated.'
    """

    found: int
    quarantined: tuple[tuple[str, str], ...]

    @property
    def left_out_share(self) -> float:
        """Share of the files that was left out."""
        return len(self.quarantined) / self.found if self.found else 0.0

    def __str__(self) -> str:
        decoded, left_out = self.found - len(self.quarantined), len(self.quarantined)
        if not left_out:
            return f"All {decoded} images decoded."
        name, reason = self.quarantined[0]
        return (
            f"{decoded} of {self.found} images decoded, {left_out} left out "
            f"({100 * self.left_out_share:.2f} %): first {name}, {reason}."
        )
