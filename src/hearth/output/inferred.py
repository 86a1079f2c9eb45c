"""How to read the output of a model whose prompts are made with a Go template.

The text of such a template shows the syntax of calls as a Jinja one does. Where none that is known is in it,
the tag that was inferred from the template's tree announces JSON. Thinking tags come from the tree, unless
the model has a framing that tells thinking and calls apart by itself.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from hearth.output.formats import template_reading
from hearth.output.generic import GenericFormat, TaggedFormat
from hearth.output.reading import Reading
from hearth.output.thinking import ThinkingTags


def inferred_reading(template: str, tags: tuple[str, str] | None, call_tag: str) -> Reading:
    """How the output of the models of a Go template is read.

    `tags` (opening, closing; None: nothing) and `call_tag` ("{": calls are bare JSON) are what was inferred
    from its tree.
    """
    known = template_reading(template)
    if known.framed:
        return known
    thinking = ThinkingTags(*tags) if tags else None
    if thinking and known.thinking and (known.thinking.opening, known.thinking.closing) == tags:
        thinking = known.thinking
    tag = call_tag.rstrip("[{ \t\r\n")
    if known.calls is GenericFormat and tag:
        return Reading(partial(TaggedFormat, tag=tag), thinking)
    return replace(known, thinking=thinking)
