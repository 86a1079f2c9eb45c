"""JSON schemas, and regular expressions, to grammars.

Where a schema leaves open what a grammar must decide, the narrower reading is taken, so that what a model
writes is valid by any validator. The exceptions, in which the grammar is wider than the schema because a
grammar cannot say it: `oneOf` is read as `anyOf`, `uniqueItems` and unknown formats are not held to, and an
`enum` beside other keywords is filtered by type, length and bounds only. Everything else that constrains and
cannot be held to is refused by name.
"""

from __future__ import annotations

from hearth.errors import SchemaError
from hearth.messages import Json
from hearth.output.grammar import merge
from hearth.output.grammar.arrays import array_node
from hearth.output.grammar.checks import check_document, check_grammar
from hearth.output.grammar.limits import MAX_SCHEMAS, MAX_TEXT, MAX_VALUES
from hearth.output.grammar.literals import fits, literal_node
from hearth.output.grammar.nodes import Node, Rule, choice
from hearth.output.grammar.numbers import integer_node, number_node
from hearth.output.grammar.objects import object_node
from hearth.output.grammar.place import NotExpressible, Place, printable
from hearth.output.grammar.references import resolve
from hearth.output.grammar.regex import read_regex
from hearth.output.grammar.strings import string_node
from hearth.output.grammar.tokens import JsonGrammar

TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")

REFUSED = {
    "not": "state what is allowed instead",
    "if": "use anyOf with one schema for each case",
    "patternProperties": "use additionalProperties, or list the properties",
    "propertyNames": "list the properties",
    "minProperties": "use required",
    "maxProperties": "list the properties and set additionalProperties to false",
    "dependentRequired": "use anyOf with one schema for each case",
    "dependentSchemas": "use anyOf with one schema for each case",
    "dependencies": "use anyOf with one schema for each case",
    "contains": "use items or prefixItems",
    "multipleOf": "use minimum and maximum, or an enum",
    "unevaluatedItems": "use items",
    "$dynamicRef": "use $ref",
    "$recursiveRef": "use $ref",
}
"""Keywords that no grammar can hold a model to, and what to use in their place."""

_IMPLIED = {
    "object": ("properties", "required", "additionalProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems"),
    "string": ("pattern", "minLength", "maxLength", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
}


def json_grammar() -> str:
    """The grammar of any JSON object."""
    return finished(JsonGrammar(), Rule("object"))


def schema_grammar(schema: Json) -> str:
    """The grammar of the JSON documents that match a schema.

    `schema` is a decoded JSON schema (any draft from 4 on) and may be hostile. Raises SchemaError, whose
    message names the place in the schema and says what to do.
    """
    check_document(schema)
    grammar = JsonGrammar()
    return finished(grammar, Compiler(schema, grammar).document())


def regex_grammar(pattern: str) -> str:
    """The grammar of the texts that a regular expression matches as a whole. Raises SchemaError."""
    return finished(JsonGrammar(), read_regex(pattern))


def finished(grammar: JsonGrammar, root: Node) -> str:
    """The grammar in GBNF, `root` being what a text must match. Raises SchemaError where it is too large."""
    grammar.complete(root)
    check_grammar(grammar.rules)
    text = grammar.text()
    if len(text) > MAX_TEXT:
        raise SchemaError(
            f"the schema cannot be used: its grammar has {len(text)} characters, more than {MAX_TEXT};"
            " simplify it"
        )
    return text


class Compiler:
    """Compiles one schema into a grammar, which may hold other things too.

    `compiled` is how many schemas went into the grammar before, since the limit is that of the grammar.
    """

    def __init__(self, document: Json, grammar: JsonGrammar, compiled: int = 0) -> None:
        self.grammar = grammar
        self.compiled = compiled
        self._document = document
        self._references: dict[str, Rule] = {}
        self._awaited: list[str] = []

    def document(self) -> Node:
        """What matches the whole documents; every rule that this refers to is in the grammar."""
        root = self.value(self._document, Place())
        while self._awaited:
            name = self._awaited.pop()
            place = Place("$" + name[1:201].replace("/", "."))
            target = resolve(self._document, name, place)
            self.grammar.define(self._references[name], self.value(target, place))
        return root

    def value(self, schema: Json, place: Place) -> Node:
        """What matches the documents of a schema at a place. Raises SchemaError."""
        self._count(place)
        if schema is True:
            return Rule("value")
        if schema is False:
            raise place.error("false matches nothing", "remove it")
        if not isinstance(schema, dict):
            raise place.error("a schema is not an object", 'write one such as {"type": "string"}')
        return self._constrained(merge.constraints(schema), place)

    def _count(self, place: Place) -> None:
        self.compiled += 1
        if self.compiled > MAX_SCHEMAS:
            raise place.error(f"it holds more than {MAX_SCHEMAS} schemas", "simplify it or use $ref")

    def _constrained(self, schema: merge.Table, place: Place) -> Node:
        for key in REFUSED.keys() & schema.keys():
            raise place.unsupported(f"{key} cannot be turned into a grammar", REFUSED[key])
        if set(schema) == {"$ref"}:
            return self._reference(schema["$ref"], place)
        if "allOf" in schema or "$ref" in schema:
            return self.value(self._merged(schema, place, ()), place.inside())
        if schema.pop("nullable", False) is True:
            return choice([self._constrained(schema, place), Rule("null")])
        for key in ("const", "enum"):
            if key in schema:
                return self._values(schema, place)
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self._any_of(key, schema, place)
        return self._typed(schema, place)

    def _reference(self, reference: Json, place: Place) -> Node:
        # Compiled later and apart, so that a long chain of references does not nest.
        resolve(self._document, reference, place)
        name = str(reference)
        if name not in self._references:
            self._references[name] = self.grammar.reserve(name.rpartition("/")[2])
            self._awaited.append(name)
        return self._references[name]

    def _merged(self, schema: merge.Table, place: Place, seen: tuple[Json, ...]) -> merge.Table:
        """The schema with its references and `allOf` worked into it."""
        self._count(place)
        merged = {key: value for key, value in schema.items() if key not in ("allOf", "$ref")}
        parts = list(place.listed(schema, "allOf"))
        if "$ref" in schema:
            if schema["$ref"] in seen:
                raise place.error(
                    f"$ref {printable(str(schema['$ref']))} leads back to itself", "remove the loop"
                )
            seen = (*seen, schema["$ref"])
            parts.insert(0, resolve(self._document, schema["$ref"], place))
        for part in parts:
            if part is True:
                continue
            if not isinstance(part, dict):
                raise place.error("allOf holds something that is no schema", "list objects only")
            merged = merge.merge(merged, self._merged(merge.constraints(part), place.inside(), seen), place)
        return merged

    def _values(self, schema: merge.Table, place: Place) -> Node:
        values = [schema["const"]] if "const" in schema else place.listed(schema, "enum")
        if len(values) > MAX_VALUES:
            raise place.error(f"enum has {len(values)} values", f"list at most {MAX_VALUES}")
        types = self._types(schema, place)
        allowed = [value for value in values if fits(value, types, schema, place)]
        if not allowed:
            raise place.error("no value is left to choose from", "correct the enum or the type")
        return choice(literal_node(value, place) for value in allowed)

    def _any_of(self, key: str, schema: merge.Table, place: Place) -> Node:
        """One of the alternatives, each together with what stands beside them.

        An alternative that a grammar cannot express is left out as long as another remains.
        """
        beside = {name: value for name, value in schema.items() if name != key}
        found: list[Node] = []
        problem = place.error(f"{key} offers nothing", "list at least one schema")
        for at, option in enumerate(place.listed(schema, key)):
            if option is False:
                continue
            inside = place.inside(key, at)
            try:
                found.append(self.value({"allOf": [beside, option]} if beside else option, inside))
            except NotExpressible as error:
                problem = error
        if not found:
            raise problem
        return choice(found)

    def _typed(self, schema: merge.Table, place: Place) -> Node:
        types = self._types(schema, place)
        if not types:
            types = [kind for kind, keys in _IMPLIED.items() if any(key in schema for key in keys)]
        return choice(self._of_type(kind, schema, place) for kind in types) if types else Rule("value")

    def _types(self, schema: merge.Table, place: Place) -> list[str]:
        given = schema.get("type", [])
        types = [each for each in (given if isinstance(given, list) else [given]) if isinstance(each, str)]
        if ("type" in schema and not types) or any(kind not in TYPES for kind in types):
            inside = place.inside("type")
            raise inside.error(f"{printable(repr(given))} is not a type", f"use one of {', '.join(TYPES)}")
        return types

    def _of_type(self, kind: str, schema: merge.Table, place: Place) -> Node:
        match kind:
            case "object":
                node = object_node(schema, place, self.grammar, self.value)
                return self.grammar.add(place.name, node)
            case "array":
                node = array_node(schema, place, self.grammar, self.value)
                return self.grammar.add(place.name, node)
            case "string":
                return string_node(schema, place)
            case "integer":
                return integer_node(schema, place)
            case "number":
                return number_node(schema, place)
            case _:
                return Rule(kind)
