"""JSON schemas and regular expressions as grammars, so that a model can only write what fits them.

The grammars are GBNF for llama.cpp. Its own conversion of schemas is not used: with SentencePiece
vocabularies it inserts blanks into names, and it leaves white space unbounded.
"""

from hearth.output.grammar.schema import json_grammar, regex_grammar, schema_grammar
from hearth.output.grammar.tools import call_grammar

__all__ = ["call_grammar", "json_grammar", "regex_grammar", "schema_grammar"]
