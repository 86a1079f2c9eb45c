"""Evaluates the pipelines of a running Go template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final, TypeAlias

from hearth.errors import TemplateError
from hearth.prompt.go.functions import Function
from hearth.prompt.go.limits import Budget, check_text
from hearth.prompt.go.nodes import (
    Chain,
    Dot,
    Field,
    Identifier,
    Literal,
    Nil,
    Operand,
    Pipe,
    Variable,
)
from hearth.prompt.go.scope import Scope
from hearth.prompt.go.values import ABSENT, Value, field, is_true

_ITEMS_PER_CHARACTER: Final = 16


class _Nothing(Enum):
    PIPED = "nothing comes from the stage before"


_Piped: TypeAlias = "Value | _Nothing"


class Expressions:
    """Evaluates for one template that runs; a called template has its own."""

    def __init__(self, functions: Mapping[str, Function], budget: Budget, root: Value) -> None:
        self.scope = Scope(root)
        self._functions = functions
        self._budget = budget

    def pipe(self, pipe: Pipe, dot: Value) -> Value:
        """The value of a pipeline; its variables are set. Raises TemplateError."""
        self._budget.enter()
        value: _Piped = _Nothing.PIPED
        for command in pipe.commands:
            value = self._command(command.operands, dot, value)
            if value is None:
                value = ABSENT
        self._budget.leave()
        assert not isinstance(value, _Nothing)
        for name in pipe.variables:
            (self.scope.assign if pipe.assigns else self.scope.declare)(name, value)
        return value

    def _command(self, operands: tuple[Operand, ...], dot: Value, piped: _Piped) -> Value:
        self._budget.step()
        first = operands[0]
        if isinstance(first, Identifier):
            return self._call(first.name, operands[1:], dot, piped)
        has_arguments = len(operands) > 1 or not isinstance(piped, _Nothing)
        if isinstance(first, Field | Chain) or (isinstance(first, Variable) and first.names):
            return self._fields(first, dot, has_arguments)
        if has_arguments:
            raise TemplateError("arguments after a value; expected a function before them")
        if isinstance(first, Nil):
            raise TemplateError("nil cannot stand alone; expected a value or a function")
        return self._operand(first, dot)

    def _operand(self, operand: Operand, dot: Value) -> Value:
        match operand:
            case Dot():
                return dot
            case Nil():
                return None
            case Literal():
                return operand.value
            case Pipe():
                return self.pipe(operand, dot)
            case Identifier():
                return self._call(operand.name, (), dot, _Nothing.PIPED)
            case Variable() if not operand.names:
                return self.scope.get(operand.name)
            case _:
                return self._fields(operand, dot, has_arguments=False)

    def _fields(self, operand: Field | Variable | Chain, dot: Value, has_arguments: bool) -> Value:
        if isinstance(operand, Field):
            value = dot
        elif isinstance(operand, Variable):
            value = self.scope.get(operand.name)
        else:
            value = self._operand(operand.of, dot)
        for name in operand.names[:-1]:
            value = field(value, name)
        if has_arguments and value is not ABSENT:
            raise TemplateError(f".{operand.names[-1]} is no function but has arguments")
        return field(value, operand.names[-1])

    def _call(self, name: str, operands: Sequence[Operand], dot: Value, piped: _Piped) -> Value:
        function = self._functions[name]
        count = len(operands) + (not isinstance(piped, _Nothing))
        if count < function.minimum or (function.maximum is not None and count > function.maximum):
            raise TemplateError(f"wrong number of args for {name}: want {function.expected()} got {count}")
        if name in ("and", "or"):
            return self._and_or(name, operands, dot, piped)
        arguments = [self._operand(operand, dot) for operand in operands]
        if not isinstance(piped, _Nothing):
            arguments.append(piped)
        self._budget.step(sum(len(value) for value in arguments if isinstance(value, str)))
        try:
            result = function.call(arguments)
        except TemplateError as error:
            raise TemplateError(f"error calling {name}: {error.message}") from error
        self._charge(result)
        return result

    def _and_or(self, name: str, operands: Sequence[Operand], dot: Value, piped: _Piped) -> Value:
        value: Value = None
        for operand in operands:
            value = self._operand(operand, dot)
            if is_true(value) == (name == "or"):
                return value
        return value if isinstance(piped, _Nothing) else piped

    def _charge(self, result: Value) -> None:
        if isinstance(result, str):
            check_text(len(result))
            self._budget.step(len(result))
        elif isinstance(result, list):
            self._budget.step(len(result) // _ITEMS_PER_CHARACTER)
