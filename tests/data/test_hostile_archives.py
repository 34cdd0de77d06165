"""Archives made to harm: refused by name before they are unpacked, within bounded time and memory."""

import io
import stat
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerashar.data.builders import archive as archive_module
from kerashar.data.builders import number_table
from kerashar.data.builders.archive import Archive
from kerashar.data.builders.hapt_archive import read_hapt
from kerashar.data.builders.number_table import read_table
from tests.data.publishers import zipped

pytestmark = pytest.mark.once

MEGABYTE = 2**20


def refused(path, *words):
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the words are checked below
        Archive(path)
    for word in (path.name, *words):
        assert word in str(error.value)
    assert "\n" not in str(error.value)


@pytest.fixture
def written(tmp_path):
    def write(content, name="hostile.zip"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else zipped(content))
        return path

    return write


@pytest.mark.parametrize(
    "name",
    ["/etc/escape", "../escape", "a/../../escape", "..\\escape", "a\\b.txt", "C:escape", "c:/escape", "\\\\host\\x"],
)
def test_names_that_lead_outside(written, name):
    refused(written({"fine.txt": "x", name: "x"}), "inside the archive", repr(name))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices(tmp_path, kind):
    path = tmp_path / "link.zip"
    with zipfile.ZipFile(path, "w") as archive:
        member = zipfile.ZipInfo("data/link.txt")
        member.external_attr = (kind | 0o777) << 16
        archive.writestr(member, "/etc/passwd")
    refused(path, "plain files", "'data/link.txt'")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice(tmp_path):
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("labels.txt", "1 1 1 1 20")
        archive.writestr("labels.txt", "1 1 2 1 20")
    refused(path, "each member once", "'labels.txt'")


def patched(content: bytes, offset: int, form: str, value: int) -> bytes:
    """Change a field of each entry in the zip's directory."""
    content, position = bytearray(content), content.find(b"PK\x01\x02")
    while position >= 0:
        struct.pack_into(form, content, position + offset, value)
        position = content.find(b"PK\x01\x02", position + 4)
    return bytes(content)


def test_encrypted_members(written):
    refused(written(patched(zipped({"a.txt": "x"}), 8, "<H", 1)), "no password", "'a.txt'")


def test_other_compression(tmp_path):
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        path = tmp_path / f"{method}.zip"
        with zipfile.ZipFile(path, "w", method) as archive:
            archive.writestr("a.txt", "0" * 1000)
        refused(path, "stored or deflated", "'a.txt'")


def test_bombs(written):
    refused(written({"fine.txt": "x", "bomb.txt": "0" * (8 * MEGABYTE)}), "200 times", "'bomb.txt'", "zip bombs")
    nested = zipped({"bomb.txt": "0" * (8 * MEGABYTE)})
    refused(written({"inner.zip": nested}), "200 times", "'bomb.txt'")
    refused(written({"inner.zip": zipped({"x.txt": "0"}) + b"\0" * (8 * MEGABYTE)}), "200 times", "'inner.zip'")


def test_zips_in_zips_are_opened_once(written):
    content = zipped({"deep.txt": "x"})
    for _ in range(5):
        content = zipped({"inner.zip": content})
    with Archive(written(content)) as archive:
        assert archive.find(r"deep\.txt") == {}


def test_sum_of_sizes(written, monkeypatch):
    monkeypatch.setattr(archive_module, "_TOTAL_LIMIT", 1000)
    refused(written({f"{number}.txt": "x" * 100 for number in range(11)}), "at most 1000 bytes unpacked", "1100")


def test_number_of_members(written, monkeypatch):
    monkeypatch.setattr(archive_module, "_MEMBER_LIMIT", 10)
    refused(written({f"{number}.txt": "" for number in range(11)}), "at most 10 members", "11")


def test_members_that_lie_over_each_other(written):
    """As in the bombs of Fifield (2019), where many names share one packed stream."""
    content = zipped({"first.txt": "1" * 1000, "second.txt": "2" * 1000})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        offset = archive.getinfo("second.txt").header_offset
    overlapping = patched(content, 42, "<I", 0)  # all begin where the first does
    assert overlapping != content
    assert offset > 0
    refused(written(overlapping), "lie apart", "'first.txt'", "'second.txt'")


def test_a_stated_size_that_is_a_lie_takes_no_memory(written):
    """zipfile unpacks 64 MB for a member that claims 10 bytes, when it is asked for the whole."""
    content = zipped({"lie.txt": "0" * (64 * MEGABYTE)})
    path = written(patched(content, 24, "<I", 10))
    tracemalloc.start()
    with Archive(path) as archive, pytest.raises(ValueError, match=r"'lie.txt' in .* to be readable"):
        archive.read_text("lie.txt")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * MEGABYTE


def test_a_line_without_an_end(written):
    random = np.random.default_rng(0).integers(48, 58, size=4 * MEGABYTE, dtype=np.uint8).tobytes()
    with Archive(written({"line.txt": random})) as archive, pytest.raises(ValueError, match="at most 65536 characters"):
        list(archive.lines("line.txt"))


def test_a_member_that_is_too_long(written, monkeypatch):
    monkeypatch.setattr(archive_module, "_TEXT_LIMIT", 100)
    monkeypatch.setattr(archive_module, "_STREAM_LIMIT", 1000)
    with Archive(written({"long.txt": "x\n" * 501})) as archive:
        with pytest.raises(ValueError, match=r"at most 100 bytes in 'long.txt' of .* 1002"):
            archive.read_text("long.txt")
        with pytest.raises(ValueError, match=r"at most 1000 bytes in 'long.txt'"):
            list(archive.lines("long.txt"))


def test_long_members_stream(written, monkeypatch):
    """20 MB of text: 1.6 MB of numbers, and a piece of the text at a time."""
    monkeypatch.setattr(number_table, "_LINES", 2000)
    values = np.random.default_rng(0).normal(size=(100_000, 4)).astype(np.float32)
    lines = "".join(f"{' '.join(f'{value:.6f}' for value in row)}{' ' * 160}\n" for row in values)
    path = written({"long.txt": lines})
    del lines
    tracemalloc.start()
    with Archive(path) as archive:
        table = read_table(archive, "long.txt", [("values", np.float32, (4,))], "four numbers")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_allclose(table["values"], values, atol=1e-6)
    assert peak < 10 * MEGABYTE


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_lines(written, monkeypatch, ends):
    monkeypatch.setattr(archive_module, "_CHUNK", 7)  # breaks fall anywhere
    with Archive(written({"a.txt": ends.join(["first", "", "third", "last"])})) as archive:
        assert [line.strip() for line in archive.lines("a.txt")] == ["first", "", "third", "last"]


def test_macos_leftovers_are_passed_over(written):
    with Archive(written({"a/b.txt": "x", "__MACOSX/a/b.txt": "junk"})) as archive:
        assert archive.find(r"b\.txt") == {(): "a/b.txt"}


# --- mutations ---


def reads_or_refuses(path):
    """Nothing but these two errors, whatever the bytes are."""
    try:
        for _ in read_hapt(path):
            pass
    except (ValueError, FileNotFoundError) as error:
        assert str(path) in str(error)  # noqa: PT017 - either outcome is right
        return False
    return True


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_flipped_bytes(small_hapt, tmp_path, flips):
    content = bytearray(small_hapt().read_bytes())
    for share, value in flips:
        # Half of the flips go into the directory at the end, where the structure is.
        position = int(share * (len(content) - 1)) if value % 2 else len(content) - 1 - int(share * 700)
        content[position] = value
    path = tmp_path / "flipped.zip"
    path.write_bytes(content)
    reads_or_refuses(path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400), head=st.booleans())
def test_garbage(tmp_path, content, head):
    path = tmp_path / "garbage.zip"
    path.write_bytes((b"PK\x03\x04" if head else b"") + content + b"PK\x05\x06" + content[:18].ljust(18, b"\0"))
    reads_or_refuses(path)


def test_the_real_archive_truncated_anywhere(hapt_archive, tmp_path):
    with hapt_archive.open("rb") as file:
        content = file.read(3 * MEGABYTE)
    path = tmp_path / "truncated.zip"
    for length in np.random.default_rng(0).integers(0, len(content), size=40):
        path.write_bytes(content[:length])
        assert not reads_or_refuses(path)


def test_the_real_archive_with_flipped_bytes(hapt_archive, tmp_path):
    """The whole directory is kept, so that members are found and their packed bytes are wrong."""
    content = bytearray(hapt_archive.read_bytes())
    path = tmp_path / "flipped.zip"
    random = np.random.default_rng(0)
    for position in random.integers(3 * MEGABYTE, size=5):
        content[position] ^= 0xFF
    path.write_bytes(content)
    assert not reads_or_refuses(path)
