"""What griffe has to be told of our sources: the docstrings' own sections, and functions named as their modules."""

import re
from collections.abc import Iterator
from textwrap import dedent
from typing import Any

import griffe

_TITLES = {"Example": "Examples: Example:", "Call arguments": "Args: Call arguments:"}
_TITLE = re.compile(rf"^({'|'.join(_TITLES)}):$", re.MULTILINE)
_TEXT = re.compile(r"^(Input shape|Output shape|Reference):\n((?: +.*(?:\n|\Z)|\n)+)", re.MULTILINE)


class OurSources(griffe.Extension):
    """Makes examples and call arguments sections of griffe's parser, and text of what it would take for boxes."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring is not None:
            text = _TITLE.sub(lambda found: _TITLES[found[1]], obj.docstring.value)
            obj.docstring.value = _TEXT.sub(lambda found: f"**{found[1]}:**\n\n{dedent(found[2])}", text)

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Let a package offer a function such as `grad_cam`, where griffe sees the module of that name."""
        offered = [
            (module, name, _imported(module, name))
            for module in _modules(pkg)
            for name in map(str, module.exports or ())
            if name in module.imports and module.members[name].is_module
        ]
        for module, name, target in offered:
            module.members[name] = griffe.Alias(name, target, parent=module)


def _modules(module: griffe.Module) -> Iterator[griffe.Module]:
    yield module
    for member in module.members.values():
        if isinstance(member, griffe.Module):
            yield from _modules(member)


def _imported(module: Any, name: str) -> Any:
    found = module.modules_collection[module.imports[name]]
    return _imported(found.parent, name) if found.is_module else found
