"""Executes a parsed Go template on data, within the limits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, TypeAlias

from hearth.errors import TemplateError
from hearth.prompt.go.expressions import Expressions
from hearth.prompt.go.functions import Function
from hearth.prompt.go.limits import Budget, check_text
from hearth.prompt.go.nodes import Action, Block, Branch, Call, Node, Text, Tree
from hearth.prompt.go.place import placed
from hearth.prompt.go.printing import printed
from hearth.prompt.go.values import ABSENT, Value, is_nothing, is_true, joined, type_name

_LONE_BYTES: Final = re.compile("[\udc80-\udcff]")
_Jumped: TypeAlias = "Literal['break', 'continue'] | None"


def execute(tree: Tree, data: Value, functions: Mapping[str, Function]) -> str:
    """The output of a template; bytes in it that are no valid UTF-8 come out as U+FFFD.

    Raises:
        TemplateError: with the line, what went wrong there and what was expected.
    """
    run = _Run(tree, functions)
    run.template(tree.main, data)
    return _LONE_BYTES.sub("\ufffd", joined("".join(run.parts)))


class _Run:
    def __init__(self, tree: Tree, functions: Mapping[str, Function]) -> None:
        self.parts: list[str] = []
        self._tree = tree
        self._functions = functions
        self._budget = Budget()
        self._length = 0

    def template(self, block: Block, data: Value) -> None:
        """Run a template, or one that it defines; none sees the variables of another."""
        self._block(block, data, Expressions(self._functions, self._budget, data))

    def _block(self, block: Block, dot: Value, expressions: Expressions) -> _Jumped:
        """Run the nodes in order, up to one that jumps."""
        jumped: _Jumped = None
        self._budget.enter()
        for node in block:
            self._budget.step()
            with placed(node.line):
                jumped = self._node(node, dot, expressions)
            if jumped:
                break
        self._budget.leave()
        return jumped

    def _node(self, node: Node, dot: Value, expressions: Expressions) -> _Jumped:
        if isinstance(node, Text):
            self._write(node.text)
        elif isinstance(node, Action):
            value = expressions.pipe(node.pipe, dot)
            if not node.pipe.variables:
                self._write(printed(value))
        elif isinstance(node, Branch):
            return self._branch(node, dot, expressions)
        elif isinstance(node, Call):
            self._call(node, dot, expressions)
        else:
            return node.kind
        return None

    def _write(self, text: str) -> None:
        self._length += len(text)
        check_text(self._length)
        self.parts.append(text)

    def _call(self, node: Call, dot: Value, expressions: Expressions) -> None:
        if node.name not in self._tree.defined:
            raise TemplateError(f'template "{node.name}" is not defined')
        value = expressions.pipe(node.pipe, dot) if node.pipe else ABSENT
        self.template(self._tree.defined[node.name], value)

    def _branch(self, node: Branch, dot: Value, expressions: Expressions) -> _Jumped:
        mark = expressions.scope.mark()
        value = expressions.pipe(node.pipe, dot)
        if node.kind == "range":
            jumped = self._range(node, value, dot, expressions)
        elif not is_true(value):
            jumped = self._block(node.otherwise, dot, expressions)
        else:
            jumped = self._block(node.body, value if node.kind == "with" else dot, expressions)
        expressions.scope.forget(mark)
        return jumped

    def _range(self, node: Branch, value: Value, dot: Value, expressions: Expressions) -> _Jumped:
        mark = expressions.scope.mark()
        empty = True
        for key, element in _elements(value, len(node.pipe.variables)):
            empty = False
            self._budget.step()
            _set_variables(node, key, element, expressions)
            jumped = self._block(node.body, element, expressions)
            expressions.scope.forget(mark)
            if jumped == "break":
                break
        return self._block(node.otherwise, dot, expressions) if empty else None


def _elements(value: Value, variables: int) -> Iterable[tuple[Value, Value]]:
    """The keys and the elements that a range goes through, in order."""
    if is_nothing(value):
        return ()
    if isinstance(value, Mapping):
        return ((key, value[key]) for key in sorted(value))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return enumerate(value)
    if isinstance(value, int) and not isinstance(value, bool):
        if variables > 1:
            raise TemplateError("a range over a number has one variable at most")
        return ((ABSENT, number) for number in range(value))
    raise TemplateError(f"range cannot go through a value of type {type_name(value)}; expected a list or map")


def _set_variables(node: Branch, key: Value, element: Value, expressions: Expressions) -> None:
    names = node.pipe.variables
    if not names:
        return
    if not node.pipe.assigns:
        expressions.scope.set_from_top(1, element)
        if len(names) > 1:
            expressions.scope.set_from_top(2, key)
        return
    expressions.scope.assign(names[0], key if len(names) > 1 else element)
    if len(names) > 1:
        expressions.scope.assign(names[1], element)
