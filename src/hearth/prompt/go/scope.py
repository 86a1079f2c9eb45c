"""The variables of a running template: a stack, as blocks declare and forget them."""

from __future__ import annotations

from hearth.errors import TemplateError
from hearth.prompt.go.values import Value


class Scope:
    """Variables by name, the newest last; an assignment changes the newest of its name."""

    __slots__ = ("_names", "_values")

    def __init__(self, root: Value) -> None:
        self._names = ["$"]
        self._values = [root]

    def mark(self) -> int:
        """Where the stack ends now."""
        return len(self._names)

    def forget(self, mark: int) -> None:
        """Forget the variables that came after a mark."""
        del self._names[mark:]
        del self._values[mark:]

    def declare(self, name: str, value: Value) -> None:
        """A new variable, which hides an older one of its name."""
        self._names.append(name)
        self._values.append(value)

    def assign(self, name: str, value: Value) -> None:
        """Change a variable. Raises TemplateError if there is none of that name."""
        self._values[self._place(name)] = value

    def get(self, name: str) -> Value:
        """The value of a variable. Raises TemplateError if there is none of that name."""
        return self._values[self._place(name)]

    def set_from_top(self, place: int, value: Value) -> None:
        """Change the newest variable (1), or the one before it (2)."""
        self._values[-place] = value

    def _place(self, name: str) -> int:
        for place in range(len(self._names) - 1, -1, -1):
            if self._names[place] == name:
                return place
        raise TemplateError(f"undefined variable {name}; expected {name} := before it")
