"""What a model file may look like: a plain zip of three members and a card, the weights in a plain HDF5 file."""

import io
import json
import stat
import zipfile
from dataclasses import dataclass
from typing import Any

import h5py

METADATA, CONFIG, WEIGHTS = "metadata.json", "config.json", "model.weights.h5"
CARD = "kerashar.json"  # ours, beside the three of Keras; it may be missing
_JSON_BYTES = 16 * 2**20  # the config of a network of thousands of layers is a few MiB
_SMALL = 2**20  # bytes under which a member may shrink as far as it likes
_EXPANSION = 200  # JSON shrinks 20 to 60 fold, float weights hardly; zip bombs expand about 1000 fold
_SAVE_AGAIN = "Copy the file again from where it came, or save the model again with kerashar.save_model."


class RefusedError(ValueError):
    """A model file is refused. The message says why and what to do; the caller adds the file's name."""


@dataclass(frozen=True)
class Archive:
    """The checked contents of a model file.

    Args:
        metadata: what Keras noted while saving, such as its version.
        config: the model's config, parsed; its classes are not checked yet.
        weights: the bytes of the HDF5 file.
        stored_values: how many numbers the weights hold.
        card: what the model takes, parsed; None where the file doesn't say.
    """

    metadata: dict[str, Any]
    config: dict[str, Any]
    weights: bytes
    stored_values: int
    card: dict[str, Any] | None


def read_archive(data: bytes, max_bytes: int) -> Archive:
    """Take a `.keras` archive apart, without Keras, and refuse whatever Keras does not write.

    Args:
        data: the bytes of the file.
        max_bytes: largest size of all members together when unpacked.

    Raises:
        RefusedError: not an archive, other members than these, too large, or weights that refer to
            anything outside the file. A damaged file may also raise what `zipfile`, `json` and `h5py` raise.
    """
    if data.startswith(b"\x89HDF"):
        raise RefusedError(
            "It is a legacy HDF5 model, whose config can carry Python code. If you trust it, load it with "
            "Keras itself and save it with kerashar.save_model."
        )
    if not zipfile.is_zipfile(io.BytesIO(data)):
        raise RefusedError(f"Expected a zip archive as Keras 3 writes it; this is none or it is cut off. {_SAVE_AGAIN}")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        _check_members(archive.infolist(), max_bytes)
        metadata = _read_json(archive, METADATA)
        config = _read_json(archive, CONFIG)
        weights = _unpack(archive, WEIGHTS)
        card = _read_json(archive, CARD) if CARD in archive.namelist() else None
    return Archive(metadata, config, weights, _count_values(weights), card)


# === Zip ===


def _check_members(members: list[zipfile.ZipInfo], max_bytes: int) -> None:
    names = [member.filename for member in members]
    unexpected = sorted({name for name in names if name not in (METADATA, CONFIG, WEIGHTS, CARD)})
    if unexpected:
        raise RefusedError(
            f"Expected the members {METADATA}, {CONFIG}, {WEIGHTS} and {CARD} only. Received also: {unexpected[:5]}. "
            "Others could write outside their folder or carry files that a layer opens. " + _SAVE_AGAIN
        )
    if len(set(names)) < len(names):
        raise RefusedError(f"Expected each member once. Received: {sorted(names)}. {_SAVE_AGAIN}")
    missing = sorted({METADATA, CONFIG, WEIGHTS} - set(names))
    if missing:
        raise RefusedError(
            f"Expected the members {METADATA}, {CONFIG} and {WEIGHTS}. Missing: {missing}. {_SAVE_AGAIN}"
        )
    for member in members:
        if stat.S_ISLNK(member.external_attr >> 16):
            raise RefusedError(
                f"Expected plain files inside. Received: {member.filename} is a symbolic link. {_SAVE_AGAIN}"
            )
        if member.file_size > max(_SMALL, _EXPANSION * member.compress_size):
            raise RefusedError(
                f"{member.filename} would unpack from {member.compress_size} to {member.file_size} bytes, as "
                f"a zip bomb would. {_SAVE_AGAIN}"
            )
        # zipfile unpacks the other methods whole, whatever size the member declares.
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise RefusedError(
                f"Expected members stored or deflated. Received: {member.filename} with zip's method "
                f"{member.compress_type}. {_SAVE_AGAIN}"
            )
    unpacked = sum(member.file_size for member in members)
    if unpacked > max_bytes:
        raise RefusedError(
            f"Expected at most {max_bytes} bytes when unpacked. Received: {unpacked} bytes. Pass a larger "
            "max_bytes if you trust the file."
        )


def _unpack(archive: zipfile.ZipFile, name: str) -> bytes:
    # The size is what holds zipfile back: without it a member that declares too little is unpacked whole.
    with archive.open(name) as member:
        return member.read(archive.getinfo(name).file_size)


def _read_json(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    size = archive.getinfo(name).file_size
    if size > _JSON_BYTES:
        raise RefusedError(
            f"Expected {name} to have at most {_JSON_BYTES} bytes. Received: {size} bytes. {_SAVE_AGAIN}"
        )
    try:
        content = json.loads(_unpack(archive, name).decode())
    except RecursionError:
        raise RefusedError(f"{name} is nested too deeply to be read. {_SAVE_AGAIN}") from None
    if not isinstance(content, dict):
        raise RefusedError(f"Expected {name} to be a JSON object. Received: a {type(content).__name__}. {_SAVE_AGAIN}")
    return content


# === Weights ===


def _count_values(weights: bytes) -> int:
    """Walk the HDF5 file without reading a dataset; return how many numbers it holds."""
    values = declared = 0
    with h5py.File(io.BytesIO(weights), "r") as file:
        root: Any = file["/"]
        groups = [("", root)]
        seen = {root}  # h5py compares objects by their address in the file
        while groups:
            parent, group = groups.pop()
            for name in group:
                where = f"{parent}/{name}"
                # The link is looked at before it is followed: following is what opens other files.
                if type(group.get(name, getlink=True)) is not h5py.HardLink:
                    raise RefusedError(
                        f"The weights hold a link at {where}, which can lead out of the file. {_SAVE_AGAIN}"
                    )
                item = group[name]
                if item in seen:
                    raise RefusedError(f"The weights hold {where} twice, which could go on for ever. {_SAVE_AGAIN}")
                seen.add(item)
                if isinstance(item, h5py.Group):
                    groups.append((where, item))
                elif isinstance(item, h5py.Dataset):
                    _check_dataset(item, where)
                    values += item.size or 0
                    declared += item.nbytes
                else:
                    raise RefusedError(f"The weights hold a named type at {where}; Keras writes none. {_SAVE_AGAIN}")
    if declared > len(weights):  # datasets that share their bytes
        raise RefusedError(f"The weights declare {declared} bytes and store {len(weights)}. {_SAVE_AGAIN}")
    return values


def _check_dataset(dataset: h5py.Dataset, where: str) -> None:
    # First, because asking a virtual dataset for its shape can open the files it refers to.
    if dataset.is_virtual or dataset.external:
        raise RefusedError(f"The weights at {where} lie in another file. {_SAVE_AGAIN}")
    # Numbers only; "V" without fields is how HDF5 keeps bfloat16.
    if dataset.dtype.kind not in "biufV" or dataset.dtype.fields or dataset.dtype.subdtype:
        raise RefusedError(
            f"Expected numbers in the weights at {where}. Received: dtype {dataset.dtype}. {_SAVE_AGAIN}"
        )
    # Keras stores weights whole and uncompressed, so a size beyond what is stored is a trap for memory.
    if dataset.shape is None or dataset.chunks or dataset.nbytes != dataset.id.get_storage_size():
        raise RefusedError(
            f"The weights at {where} declare shape {dataset.shape} ({dataset.dtype}) and store "
            f"{dataset.id.get_storage_size()} bytes; Keras stores all of them, uncompressed. {_SAVE_AGAIN}"
        )
