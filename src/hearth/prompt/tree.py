"""Looks into a template's tree: which fields it uses, and where; and cuts it off after one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hearth.prompt.go.nodes import (
    Action,
    Block,
    Branch,
    Call,
    Chain,
    Command,
    Field,
    Node,
    Operand,
    Pipe,
    Tree,
    Variable,
)


def identifiers(tree: Tree) -> Iterator[str]:
    """Every name of a field that the template uses, as it is written."""
    for block in tree.blocks():
        for node in nodes(block):
            pipe = pipe_of(node)
            if pipe is not None:
                yield from fields(pipe)


def nodes(block: Block) -> Iterator[Node]:
    """All nodes of a block, those inside its branches included, in the order of the text."""
    for node in block:
        yield node
        if isinstance(node, Branch):
            yield from nodes(node.body)
            yield from nodes(node.otherwise)


def pipe_of(node: Node) -> Pipe | None:
    """The pipeline of a node, if it has one."""
    return node.pipe if isinstance(node, Action | Branch | Call) else None


def fields(operand: Operand) -> Iterator[str]:
    """Every name of a field in a pipeline or operand."""
    if isinstance(operand, Field | Variable | Chain):
        yield from operand.names
    if isinstance(operand, Chain):
        yield from fields(operand.of)
    if isinstance(operand, Pipe):
        for command in operand.commands:
            for argument in command.operands:
                yield from fields(argument)


def with_response(tree: Tree) -> Tree:
    """The template with `{{ .Response }}` at its end."""
    pipe = Pipe((Command((Field(("Response",)),), line=0),), line=0)
    return replace(tree, main=(*tree.main, Action(pipe, line=0)))


def up_to_response(tree: Tree) -> Tree:
    """The template without anything that follows the first place where it prints `.Response`."""
    return replace(tree, main=_cut(tree.main)[0])


def _cut(block: Block) -> tuple[Block, bool]:
    kept: list[Node] = []
    for node in block:
        done = isinstance(node, Action) and "Response" in fields(node.pipe)
        if isinstance(node, Branch):
            node, done = _cut_branch(node)
        kept.append(node)
        if done:
            return tuple(kept), True
    return tuple(kept), False


def _cut_branch(branch: Branch) -> tuple[Branch, bool]:
    body, done = _cut(branch.body)
    if done:
        return replace(branch, body=body, otherwise=()), True
    otherwise, done = _cut(branch.otherwise)
    return replace(branch, otherwise=otherwise), done
