"""What `show` prints about a model: sections of aligned rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from hearth.cli.client import Object
from hearth.cli.render import columns
from hearth.cli.shape import mapping, number, objects, text, texts
from hearth.numbers import human_number

_LICENSE_LINES: Final = 2
_ARRAY_SHOWN: Final = 3
Rows = list[list[str]]


def details(shown: Object, verbose: bool = False) -> str:
    """The sections for an answer of /api/show, each followed by an empty line."""
    sections: list[tuple[str, Rows]] = [
        ("Model", _model(shown)),
        ("Capabilities", [[name] for name in texts(shown.get("capabilities"))]),
        ("Projector", _projector(mapping(shown.get("projector_info")))),
        ("Parameters", [line.split() for line in text(shown.get("parameters")).splitlines()]),
    ]
    if verbose:
        sections += [("Metadata", _metadata(shown)), ("Tensors", _tensors(shown))]
    sections += [
        ("System", _first_lines(text(shown.get("system")))),
        ("License", _first_lines(text(shown.get("license")))),
    ]
    return "\n".join(_section(title, rows) for title, rows in sections if rows)


def _section(title: str, rows: Iterable[Sequence[str]]) -> str:
    return "\n".join([f"  {title}", *columns(rows, indent="    "), ""])


def _model(shown: Object) -> Rows:
    facts, summary = mapping(shown.get("model_info")), mapping(shown.get("details"))
    architecture = facts.get("general.architecture") or summary.get("family")
    count = number(facts.get("general.parameter_count"))
    return _given(
        ("Remote model", shown.get("remote_model")),
        ("Remote URL", shown.get("remote_host")),
        ("architecture", architecture),
        ("parameters", human_number(count) if count else summary.get("parameter_size")),
        ("context length", facts.get(f"{architecture}.context_length") or summary.get("context_length")),
        (
            "embedding length",
            facts.get(f"{architecture}.embedding_length") or summary.get("embedding_length"),
        ),
        ("quantization", summary.get("quantization_level")),
        ("requires", shown.get("requires")),
    )


def _projector(facts: Object) -> Rows:
    if not facts:
        return []
    architecture = facts.get("general.architecture")
    count = number(facts.get("general.parameter_count"))
    return _given(
        ("architecture", architecture),
        ("parameters", human_number(count) if count else None),
        ("embedding length", facts.get(f"{architecture}.vision.embedding_length")),
        ("dimensions", facts.get(f"{architecture}.vision.projection_dim")),
    )


def _metadata(shown: Object) -> Rows:
    facts = mapping(shown.get("model_info"))
    return [[name, _value(facts[name])] for name in sorted(facts)]


def _tensors(shown: Object) -> Rows:
    return [
        [str(tensor.get("name")), str(tensor.get("type")), _value(tensor.get("shape"))]
        for tensor in objects(shown.get("tensors"))
    ]


def _value(value: Any) -> str:
    if isinstance(value, list):
        rest = len(value) - _ARRAY_SHOWN
        more = f" ...+{rest} more" if rest > 0 else ""
        return f"{_array(value[:_ARRAY_SHOWN])[:-1]}{more}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _array(items: Sequence[Any]) -> str:
    return f"[{' '.join(str(item) for item in items)}]"


def _first_lines(whole: str) -> Rows:
    lines = [line.strip() for line in whole.splitlines() if line.strip()]
    return [[line] for line in lines[:_LICENSE_LINES]] + ([["..."]] if len(lines) > _LICENSE_LINES else [])


def _given(*rows: tuple[str, Any]) -> Rows:
    return [[name, str(value)] for name, value in rows if value]
