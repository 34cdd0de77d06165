"""Images in folders or archives, decoded with a report of what failed."""

from kerashar.data.images.cached_images import cached_images
from kerashar.data.images.decode_images import decode_images, load_images
from kerashar.data.images.decode_report import DecodeReport
from kerashar.data.images.find_images import find_images
from kerashar.data.images.image_data_set import ImageDataSet
from kerashar.data.images.image_files import ImageFiles
from kerashar.data.images.image_set import ImageSet
from kerashar.data.images.image_split import ImageSplit
from kerashar.data.images.split_images import split_images
from kerashar.data.images.unlabelled_images import unlabelled_images

__all__ = [
    "DecodeReport",
    "ImageDataSet",
    "ImageFiles",
    "ImageSet",
    "ImageSplit",
    "cached_images",
    "decode_images",
    "find_images",
    "load_images",
    "split_images",
    "unlabelled_images",
]
