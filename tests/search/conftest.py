"""Windows, Ray and journals for the tests of searches."""

from pathlib import Path

import pytest

from kerashar.data import SubjectSplit
from kerashar.search.journal import Journal
from tests.search.tiny_search import tiny_split


@pytest.fixture(scope="session")
def split() -> SubjectSplit:
    return tiny_split()


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.jsonl")
