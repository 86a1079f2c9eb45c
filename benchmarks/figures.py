"""Samples and how they are told."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured quantity: its samples in `unit`, and what it is held against."""

    name: str
    unit: str
    samples: tuple[float, ...]
    target: str = ""

    def row(self) -> str:
        """A row of a table: median, spread from the lowest to the highest, number of samples."""
        low, high = min(self.samples), max(self.samples)
        middle = statistics.median(self.samples)
        spread = f"{low:.3g} … {high:.3g} | {len(self.samples)}"
        return f"| {self.name} | {middle:.3g} {self.unit} | {spread} | {self.target} |"


def table(figures: Sequence[Figure]) -> str:
    """All figures as a Markdown table."""
    head = "| what | median | lowest … highest | runs | target |\n|---|---|---|---|---|"
    return "\n".join([head, *(figure.row() for figure in figures)])


def ratio(name: str, ours: Sequence[float], theirs: Sequence[float], target: str = "") -> Figure:
    """The ratio pair by pair of two interleaved series."""
    return Figure(name, "x", tuple(a / b for a, b in zip(ours, theirs, strict=True)), target)


def difference(
    name: str, unit: str, ours: Sequence[float], theirs: Sequence[float], target: str = ""
) -> Figure:
    """The difference pair by pair of two interleaved series."""
    return Figure(name, unit, tuple(a - b for a, b in zip(ours, theirs, strict=True)), target)
