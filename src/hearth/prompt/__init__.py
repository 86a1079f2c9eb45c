"""Messages to text by Go templates, as Ollama's models bring them."""

from hearth.prompt.inputs import PromptInput
from hearth.prompt.template import Template

__all__ = ["PromptInput", "Template"]
