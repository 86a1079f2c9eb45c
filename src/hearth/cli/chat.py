"""What a conversation with a model is made of on the client's side, and the requests made from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hearth.cli.client import Object
from hearth.cli.media import CAPABILITIES
from hearth.cli.shape import objects, text, texts


@dataclass
class Chat:
    """A model with the settings and the turns of the conversation with it."""

    model: str
    capabilities: frozenset[str] = frozenset()
    options: dict[str, Any] = field(default_factory=dict)
    system: str | None = None
    format: Any = None
    think: bool | str | None = None
    keep_alive: str | None = None
    wordwrap: bool = True
    verbose: bool = False
    hide_thinking: bool = False
    loaded: list[Object] = field(default_factory=list)
    """The model's own example turns; the server puts them before every conversation."""
    messages: list[Object] = field(default_factory=list)

    @property
    def media(self) -> bool:
        """The model can see or hear."""
        return not self.capabilities.isdisjoint(CAPABILITIES)

    def chat_request(self) -> Object:
        """The body of /api/chat for the conversation so far; one that grew too long may be cut."""
        system = [{"role": "system", "content": self.system}] if self.system is not None else []
        return self._common() | {"messages": [*system, *self.messages], "truncate": True}

    def generate_request(self, prompt: str, images: Sequence[str] = ()) -> Object:
        """The body of /api/generate for one prompt; an empty prompt only loads the model."""
        body = self._common() | {"prompt": prompt}
        if images:
            body["images"] = list(images)
        if self.system is not None:
            body["system"] = self.system
        return body

    def load_request(self) -> Object:
        """The body of /api/generate that loads the model with its load options and says nothing."""
        body: Object = {"model": self.model, "prompt": "", "options": self.options, "stream": False}
        return body | ({"keep_alive": self.keep_alive} if self.keep_alive is not None else {})

    def save_request(self, name: str) -> Object:
        """The body of /api/create that keeps the conversation as a new model."""
        body: Object = {"model": name, "from": self.model}
        if self.system is not None:
            body["system"] = self.system
        if self.options:
            body["parameters"] = self.options
        messages = [*self.loaded, *self.messages]
        if messages:
            body["messages"] = [{"role": m["role"], "content": m["content"]} for m in messages]
        return body

    def _common(self) -> Object:
        body: Object = {"model": self.model, "options": self.options}
        chosen = {"format": self.format, "think": self.think, "keep_alive": self.keep_alive}
        return body | {key: value for key, value in chosen.items() if value is not None}


def from_show(model: str, shown: Object) -> Chat:
    """A new conversation with a model, from what /api/show says about it; it thinks if it can."""
    capabilities = frozenset(texts(shown.get("capabilities")))
    loaded: list[Object] = [
        {"role": text(message.get("role")), "content": text(message.get("content"))}
        for message in objects(shown.get("messages"))
    ]
    think = True if "thinking" in capabilities else None
    return Chat(model=model, capabilities=capabilities, think=think, loaded=loaded)
