"""Where the markers of images stand."""

from __future__ import annotations

import pytest

from hearth.inference.media import place, with_markers
from hearth.messages import Message


@pytest.mark.parametrize(
    ("text", "count", "placed"),
    [
        ("what is this", 1, "<M> what is this"),
        ("what is this", 2, "<M><M> what is this"),
        ("see [img] here", 1, "see <M> here"),
        ("see [img-0] and [img-1]", 2, "see <M> and <M>"),
        ("one [img]", 2, "<M> one <M>"),
        ("[img] [img]", 1, "<M> [img]"),
        ("[img]", 0, "[img]"),
        ("", 1, "<M>"),
        ("\nlist", 1, "<M>\nlist"),
    ],
)
def test_markers_take_their_places(text: str, count: int, placed: str) -> None:
    assert place(text, count, "<M>") == placed


def test_images_of_a_conversation_are_in_order() -> None:
    messages = [
        Message("user", "a", images=(b"1", b"2")),
        Message("assistant", "b"),
        Message("user", "c", images=(b"3",)),
    ]
    marked, images = with_markers(messages, "<M>")
    assert [message.content for message in marked] == ["<M><M> a", "b", "<M> c"]
    assert images == [b"1", b"2", b"3"]
    assert not any(message.images for message in marked)
