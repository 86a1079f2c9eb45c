"""Hearth runs language models on hardware that its users own.

The package is layered; `docs/architecture.md` draws the layers and `pyproject.toml` holds them.
"""

__version__ = "0.1.0"

OLLAMA_API_VERSION = "0.33.0"
"""The Ollama version whose API this release follows; clients compare it against features they need."""
