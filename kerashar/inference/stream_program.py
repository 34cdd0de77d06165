"""A causal model as a list of instructions, and the file that keeps it."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import cached_property
from math import lcm
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from kerashar.inference.array_file import load_arrays, save_arrays
from kerashar.inference.instructions import INSTRUCTIONS, Instruction, Memory, Place
from kerashar.names import unknown_name

FORMAT = "kerashar stream program 1"


class Line(NamedTuple):
    """An instruction and the numbers of the values it takes: 0 is the samples, n the result of line n - 1."""

    instruction: Instruction
    values: tuple[int, ...]


class StreamProgram:
    """What a model computes at each step of a stream, with the weights it had when the program was made.

    `Stream`, `NumpyStream` and the ONNX export run the same program.

    Args:
        channels: channels of the samples.
        lines: what is computed, in order.
        output: number of the value that comes out.

    Raises:
        ValueError: arrays or numbers that don't fit each other, or values that meet behind different strides.
    """

    def __init__(self, channels: int, lines: Sequence[Line], output: int) -> None:
        self.channels = channels
        self.lines = tuple(lines)
        self.output = output
        widths, self.rates = [channels], [1]  # of each value: its channels, and samples from one step to the next
        self.memory: list[list[Memory]] = []  # of each line
        for number, (instruction, values) in enumerate(self.lines):
            try:
                _check_fields(instruction)
                self._check_values(number, instruction, values)
                taken = [widths[value] for value in values]
                widths.append(instruction.channels(*taken))
                self.memory.append(instruction.memory(*taken))
            except ValueError as error:
                kind = type(instruction).__name__
                raise ValueError(f"Expected a sound program. Received: {kind} in line {number}: {error}.") from error
            self.rates.append(self.rates[values[0]] * instruction.step)
        if output not in range(len(widths)):
            raise ValueError(f"Expected a sound program. Received: output={output} of {len(widths)} values.")
        self.classes = widths[output]
        self.period = lcm(*self.rates)  # samples after which all strides are in the same phase again

    @cached_property
    def fingerprint(self) -> str:
        """Tells this program from any other, by its instructions and weights."""
        digest = hashlib.sha256()
        for name, array in sorted(self._arrays().items()):
            digest.update(f"{name} {array.shape}".encode() + array.tobytes())
        return digest.hexdigest()

    def runner(self, xp: Any, convert: Callable[[np.ndarray], Any]) -> Callable[..., tuple[Any, list[Any]]]:
        """A function that runs the program over an array namespace `xp`, whose arrays `convert` makes.

        It takes samples `(batch, steps, channels)`, the memory as a flat list, how many samples came up to the last
        full period, as a float, and the samples since, as an int. It gives the outputs, None where the strides leave
        no step, and the new memory.
        """
        plan, first = [], 0
        for line, slots in zip(self.lines, self.memory, strict=True):
            own = slice(first, first + len(slots))
            plan.append((line.instruction.with_arrays(convert), line.values, own, self.rates[line.values[0]]))
            first = own.stop

        def run(samples: Any, memory: list[Any], seen: Any, phase: int) -> tuple[Any, list[Any]]:
            values, kept = [samples], []
            for instruction, numbers, own, rate in plan:
                output, remembered = None, memory[own]
                if values[numbers[0]] is not None:
                    inputs = [values[number] for number in numbers]
                    at = Place(seen, rate, -(-phase // rate))
                    output, remembered = instruction.apply(xp, inputs, remembered, at)
                values.append(output)
                kept += remembered
            return values[self.output], kept

        return run

    def save(self, path: Path | str) -> None:
        """Write the program as an `.npz` file."""
        save_arrays(path, self._arrays())

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read a program; nothing in the file is run, and everything in it is checked.

        Raises:
            FileNotFoundError: no such file.
            ValueError: a damaged file, one of another kind or version, or a program that is not sound.
        """
        arrays = load_arrays(path)
        try:
            text = json.loads(str(arrays.pop("program")))
            if text["format"] != FORMAT:
                raise ValueError(f"its format is {text['format']!r}")
            lines = [_line(number, entry, arrays) for number, entry in enumerate(text["lines"])]
            if not isinstance(text["channels"], int) or text["channels"] < 1 or not isinstance(text["output"], int):
                raise ValueError(f"channels={text['channels']!r}, output={text['output']!r}")
            if arrays:
                raise ValueError(f"no instruction takes {sorted(arrays)[0]!r}")
            return cls(text["channels"], lines, text["output"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"Expected a file in the format {FORMAT!r}. Received: {str(path)!r} ({error}).") from error

    def _check_values(self, number: int, instruction: Instruction, values: tuple[int, ...]) -> None:
        if len(values) != (instruction.arity or max(1, len(values))):
            raise ValueError(f"it takes {instruction.arity or 'some'} values and gets {len(values)}")
        if not set(values) <= set(range(number + 1)):
            raise ValueError(f"it takes values that are not computed before it: {values}")
        if len({self.rates[value] for value in values}) > 1:
            raise ValueError("it takes values that lie behind different strides")

    def _arrays(self) -> dict[str, np.ndarray]:
        arrays, lines = {}, []
        for number, (instruction, values) in enumerate(self.lines):
            own = {field.name: getattr(instruction, field.name) for field in fields(instruction)}
            held = {name: value for name, value in own.items() if isinstance(value, np.ndarray)}
            arrays |= {f"{number}.{name}": array for name, array in held.items()}
            settings = {name: value for name, value in own.items() if name not in held}
            entry = {"kind": type(instruction).__name__, "values": values, "settings": settings, "arrays": list(held)}
            lines.append(entry)
        program = {"format": FORMAT, "channels": self.channels, "lines": lines, "output": self.output}
        return {"program": np.array(json.dumps(program)), **arrays}


def _line(number: int, entry: dict[str, Any], arrays: dict[str, np.ndarray]) -> Line:
    if entry["kind"] not in INSTRUCTIONS:
        raise unknown_name("instruction", entry["kind"], INSTRUCTIONS)
    held = {name: arrays.pop(f"{number}.{name}") for name in entry["arrays"]}
    return Line(INSTRUCTIONS[entry["kind"]](**entry["settings"], **held), tuple(entry["values"]))


def _check_fields(instruction: Instruction) -> None:
    for field in fields(instruction):
        value = getattr(instruction, field.name)
        sound = isinstance(value, field.type) and not isinstance(value, bool)  # pyright: ignore[reportArgumentType]
        if isinstance(value, np.ndarray):
            sound = sound and value.dtype == np.float32 and bool(np.isfinite(value).all())
        elif isinstance(value, int):
            sound = sound and value >= 1
        if not sound:
            raise ValueError(f"{field.name}={value!r}")
