"""Progress bars on a terminal. Imported only when one is drawn, because rich takes a tenth of a second."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from rich.console import Console as RichConsole
from rich.console import RenderableType
from rich.progress import (
    BarColumn,
    DownloadColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as RichProgress

from hearth.cli.terminal import Console, clean

_DIGEST: Final = re.compile(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}")


class DrawnProgress:
    """A spinner for a step without a size, a bar for one with."""

    def __init__(self, bars: RichProgress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._current: TaskID | None = None

    def status(self, text: str) -> None:
        """Name the step that is being done now."""
        task = self._task(text, None)
        if task != self._current:
            self.finish()
            self._current = task

    def bar(self, label: str, completed: int, total: int) -> None:
        """Say how much of a step is done, in bytes."""
        self.finish()
        self._bars.update(self._task(label, max(total, 1)), completed=completed)

    def finish(self) -> None:
        """Stop the spinner of the current step."""
        if self._current is not None:
            self._bars.update(self._current, total=1, completed=1)
            self._current = None

    def _task(self, label: str, total: int | None) -> TaskID:
        if label not in self._tasks:
            self._tasks[label] = self._bars.add_task(_short(label), total=total, sized=total is not None)
        return self._tasks[label]


def _short(label: str) -> str:
    """The label without control characters and with 12 digits of a digest, so that a bar fits beside it."""
    return _DIGEST.sub(r"\1", clean(label))


class _Sized(ProgressColumn):
    """A column that stays empty for a step without a size."""

    def __init__(self, column: ProgressColumn) -> None:
        super().__init__()
        self._column = column

    def render(self, task: Task) -> RenderableType:
        return self._column.render(task) if task.fields["sized"] else ""


@contextmanager
def drawn(console: Console) -> Generator[DrawnProgress]:
    """Bars on the console's error stream for the length of a `with` block."""
    sized = (
        BarColumn(),
        TaskProgressColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with RichProgress(
        TextColumn("{task.description}", markup=False),
        SpinnerColumn(),
        *(_Sized(column) for column in sized),
        console=RichConsole(file=console.error_stream, highlight=False),
    ) as bars:
        display = DrawnProgress(bars)
        yield display
        display.finish()
