"""Request bodies that are hostile in their form alone."""

from __future__ import annotations

import pytest

from hearth.errors import BadRequest
from hearth.server.body import decode_json
from hearth.server.ollama.wire import ChatBody


@pytest.mark.parametrize("depth", [300, 600, 900, 990, 2000, 200_000])
@pytest.mark.parametrize(
    ("head", "opening", "closing", "tail"),
    [
        ('{"messages":', "[", "]", "}"),
        ('{"messages":[{"tool_calls":[{"function":{"name":"f","arguments":', '{"a":', "}", "}}]}]}"),
        ('{"tools":[{"function":{"parameters":', '{"a":', "}", "}}]}"),
        ('{"options":', '{"a":', "}", "}"),
        ('{"format":', "[", "]", "}"),
    ],
)
def test_a_body_of_any_depth_is_read_or_refused(
    head: str, opening: str, closing: str, tail: str, depth: int
) -> None:
    inner = "{}" if opening.startswith("{") else "1"
    body = f"{head}{opening * depth}{inner}{closing * depth}{tail}".encode()
    try:
        decode_json(body, ChatBody)
    except BadRequest as error:
        assert "nested too deeply" in error.message or "invalid request" in error.message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "missing request body"),
        (b" \n", "missing request body"),
        (b"[]", "must be a JSON object, not of type array"),
        (b"1", "must be a JSON object, not of type number"),
        (b'{"model":', "not valid JSON"),
        (b'{"model":"a"} b', "not valid JSON"),
        (b'{"model":"\xff"}', "not valid JSON"),
        (b'{"model":1}', "invalid request"),
    ],
)
def test_a_bad_body_is_told_from_a_bad_field(body: bytes, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        decode_json(body, ChatBody)


def test_keys_match_in_any_case_and_null_is_absent() -> None:
    body = decode_json(b'{"MODEL":"m","Messages":[{"ROLE":"user","content":null}],"unknown":1}', ChatBody)
    assert body.model == "m"
    assert body.messages[0].role == "user"
    assert body.messages[0].content == ""
