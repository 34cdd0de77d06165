"""Fills the templates of launch files, so that no value can become syntax."""

import re
import shlex
from importlib.resources import files
from typing import Any

import yaml

_KEY = re.compile(r"@(\w+)@")


def fill_shell(name: str, values: dict[str, Any]) -> str:
    """A shell template with each `@key@` replaced by its value, quoted as one word.

    A key that ends in `_lines` holds lines of shell and goes in as it is, so it must not come from a value of a user's,
    other than commands that are meant to run. A line whose key has the value None is left out.
    """

    def value(key: re.Match[str]) -> str:
        text = str(values[key[1]])
        return text if key[1].endswith("_lines") else shlex.quote(text)

    lines = _read(name).splitlines()
    kept = [line for line in lines if all(values[key] is not None for key in _KEY.findall(line))]
    return "\n".join(_KEY.sub(value, line) for line in kept) + "\n"


def fill_yaml(name: str, values: dict[str, Any]) -> str:
    """A YAML template, read before it is filled: each text `$key` becomes its value, whatever that holds.

    What has the value None is left out. The comments at the head of the template stay.
    """
    text = _read(name)
    head = re.match(r"(?:#.*\n)*", text)
    documents = [_fill(document, values) for document in yaml.safe_load_all(text)]
    return (head.group() if head else "") + to_yaml(*documents)


def to_yaml(*documents: Any) -> str:
    """YAML of plain data, in the order it stands in."""
    return yaml.dump_all(documents, Dumper=_Dumper, sort_keys=False, width=110)


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as such, and no anchors, which readers of YAML other than programs stumble over."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)


def _fill(node: Any, values: dict[str, Any]) -> Any:
    if isinstance(node, dict):
        filled = {key: _fill(value, values) for key, value in node.items()}
        return {key: value for key, value in filled.items() if value is not None}
    if isinstance(node, list):
        return [each for each in (_fill(value, values) for value in node) if each is not None]
    if isinstance(node, str) and node.startswith("$") and node[1:] in values:
        return values[node[1:]]
    return node


def _read(name: str) -> str:
    return (files("kerashar.search.cluster") / "templates" / name).read_text(encoding="utf-8")
