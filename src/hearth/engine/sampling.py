"""Options by Ollama's names to llama.cpp's sampling fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hearth.messages import Json
from hearth.options import OPTIONS, Value

_FIELDS: Final = {
    "num_keep": "n_keep",
    "num_predict": "n_predict",
    "seed": "seed",
    "temperature": "temperature",
    "top_k": "top_k",
    "top_p": "top_p",
    "min_p": "min_p",
    "typical_p": "typical_p",
    "repeat_last_n": "repeat_last_n",
    "repeat_penalty": "repeat_penalty",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
    "stop": "stop",
}
RUNAWAY: Final = 10
"""An answer without a limit ends after this many context windows."""


def sampling_fields(options: Mapping[str, Value], context: int, most: int | None = None) -> dict[str, Json]:
    """The fields of a completion request for checked options; every sampler option is always sent.

    `most`: tokens that the answer may have, whatever the options say; None: as many as are wanted.
    llama.cpp's own defaults differ from Ollama's (min_p 0.05, top_p 0.95), so none is left to it.
    """
    fields: dict[str, Json] = {}
    for name, field in _FIELDS.items():
        value = options.get(name, OPTIONS[name].default)
        # An empty text would end every answer before its first word.
        fields[field] = [text for text in value if text] if isinstance(value, list) else value
    limit = RUNAWAY * context if most is None else most
    wanted = fields["n_predict"]
    if not isinstance(wanted, int) or wanted < 0 or wanted > limit:
        fields["n_predict"] = limit
    if fields["repeat_last_n"] == -1:
        fields["repeat_last_n"] = context
    seed = fields["seed"]
    if isinstance(seed, int):
        fields["seed"] = -1 if seed < 0 else seed % 2**32
    return fields
