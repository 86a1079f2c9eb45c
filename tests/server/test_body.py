"""Request bodies that are hostile in their form alone."""

from __future__ import annotations

import pytest

from hearth.errors import BadRequest
from hearth.server.body import MOST_LEVELS, decode_json
from hearth.server.ollama.wire import ChatBody


@pytest.mark.parametrize("depth", [10, 300, 600, 900, 990, 2000, 200_000])
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
    refusal = ""
    try:
        decode_json(body, ChatBody)
    except BadRequest as error:
        refusal = error.message
    assert ("nested too deeply" in refusal) is (depth > MOST_LEVELS)


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
        (rb'{"model":"\ud8","a":"', "not valid JSON"),
        (rb'{"model":"\ud83d","a":}', "not valid JSON"),
        (b'{"model":1}', "invalid request"),
    ],
)
def test_a_bad_body_is_told_from_a_bad_field(body: bytes, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        decode_json(body, ChatBody)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"a\ud83d b", "a� b"),
        (r"a\uD83D", "a�"),
        (r"\ude00", "�"),
        (r"\ud83d\ud83d\ude00", "�😀"),
        (r"\ud83d\ude00\ud83d", "😀�"),
        (r"\\ud83d\ud83d", r"\ud83d" + "�"),
        (r"\ud83d\n\u0041", "�\nA"),
    ],
)
def test_half_of_a_character_is_read_as_the_replacement_character(written: str, read: str) -> None:
    assert decode_json(f'{{"model":"{written}"}}'.encode(), ChatBody).model == read


def test_keys_match_in_any_case_and_null_is_absent() -> None:
    body = decode_json(b'{"MODEL":"m","Messages":[{"ROLE":"user","content":null}],"unknown":1}', ChatBody)
    assert body.model == "m"
    assert body.messages[0].role == "user"
    assert body.messages[0].content == ""
