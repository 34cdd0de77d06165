"""Decoding one image file into pixels of a chosen size, or saying why not."""

import io
import struct
import zlib
from typing import Literal

import numpy as np
from PIL import Image, ImageFile, ImageOps

# No other format is tried: some of Pillow's start programs or read other files.
_FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
_FILTERS = {"box": Image.Resampling.BOX, "lanczos": Image.Resampling.LANCZOS}
_REDUCING_GAP = 3.0  # Pillow: all but the same as resizing in one step, and much faster from large images
_PNG_END = b"IEND\xaeB`\x82"
# What Pillow raises on broken files of these formats; the last two at sizes that would fill the memory.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


def decode_image(
    content: bytes,
    size: tuple[int, int],
    channels: Literal[1, 3] = 3,
    resize: Literal["box", "lanczos"] = "box",
    max_pixels: int = 64_000_000,
) -> np.ndarray:
    """Decode one image file into pixels of a chosen size.

    Use `decode_images` for many. The rules: the first frame of an animation; turned as EXIF says; what is
    transparent lies on white; palettes and CMYK become RGB; of 16 bits the upper eight count; grey is repeated
    for three channels, and one channel is the luma of ITU-R 601. Another size is resized to `size` whatever its
    proportions: large JPEG files are first decoded at a half, quarter or eighth, never below `size`.

    Args:
        content: the file: JPEG, PNG, BMP, GIF, WebP, TIFF or PPM.
        size: height and width in pixels.
        channels: 3 for RGB, 1 for grey.
        resize: "box" (mean of the pixels that fall into one) or "lanczos" (sharper).
        max_pixels: images of more are refused before they are decoded.

    Returns:
        uint8 `(height, width, channels)`.

    Raises:
        ValueError: the content isn't a whole image of these formats, or has too many pixels.

    Example:
        >>> file = io.BytesIO()
        >>> Image.new("RGB", (40, 20), "red").save(file, "PNG")
        >>> decode_image(file.getvalue(), (2, 3))[0, 0].tolist()
        [255, 0, 0]
    """
    if ImageFile.LOAD_TRUNCATED_IMAGES:
        raise RuntimeError(
            "Expected PIL.ImageFile.LOAD_TRUNCATED_IMAGES to be False, since Pillow makes up what is missing from "
            "a file otherwise. Received: True."
        )
    height, width = size
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            pixels = image.width * image.height
            if pixels > max_pixels:
                raise ValueError(f"{image.width} x {image.height} pixels, more than {max_pixels}")
            if image.format == "PNG" and _PNG_END not in content:
                raise ValueError("image file is truncated (its end marker is missing)")
            # A square, since EXIF may turn the height into the width.
            image.draft(None, (max(size), max(size)))
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
        plain = _converted(image, "RGB" if channels == 3 else "L")
        if plain.size != (width, height):
            plain = plain.resize((width, height), _FILTERS[resize], reducing_gap=_REDUCING_GAP)
    except _BROKEN as error:
        # Pillow repeats the buffer's address here, which is no help.
        reason = "not an image" if isinstance(error, Image.UnidentifiedImageError) else str(error)
        raise ValueError(reason or type(error).__name__) from error
    return np.asarray(plain).reshape(height, width, channels)


def _converted(image: Image.Image, mode: str) -> Image.Image:
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    elif image.mode in ("I", "F"):
        raise ValueError(f"pixels of mode {image.mode}, whose range isn't known")
    if image.has_transparency_data:
        shown = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown)
    return image if image.mode == mode else image.convert(mode)
