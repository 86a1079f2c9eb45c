"""llama.cpp's mixes: for each file type and part of a model, the tensor type that departs from the base.

A rule is a type, or conditions with a type each, of which the first that holds decides; where none does the
base type stays. "More bits" spends bits on the first and last eighth of the layers and on every third layer
between them. The rules are those for quantising without an importance matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from hearth.gguf import FileType as F
from hearth.gguf import TensorType as T
from hearth.modelfile.quantise.facts import Facts
from hearth.modelfile.quantise.roles import Role


@dataclass(frozen=True, slots=True)
class Place:
    """A tensor's place among those of its role: number `index` of `count`, in a model with these facts."""

    facts: Facts
    index: int
    count: int


Condition: TypeAlias = "Callable[[Place], bool]"
Rule: TypeAlias = "T | tuple[tuple[Condition, T], ...]"
Table: TypeAlias = "dict[F, Rule]"


def choose(rule: Rule | None, place: Place, base: T) -> T:
    """The type that a rule gives at a place."""
    if rule is None or isinstance(rule, T):
        return base if rule is None else rule
    return next((chosen for condition, chosen in rule if condition(place)), base)


def _always(_: Place) -> bool:
    return True


def _shared(place: Place) -> bool:
    """Four or more query heads use each value head: the matrix is small, and more bits cost little."""
    return place.facts.queries_per_kv_head >= 4


def _shared_or_experts(place: Place) -> bool:
    return _shared(place) or place.facts.experts >= 4


def _eight_experts(place: Place) -> bool:
    return place.facts.experts == 8


def _more_bits(place: Place) -> bool:
    eighth = place.count // 8
    return place.index < eighth or place.index >= 7 * place.count // 8 or (place.index - eighth) % 3 == 2


def _eight_experts_more_bits(place: Place) -> bool:
    return _eight_experts(place) and _more_bits(place)


def _middle(place: Place) -> bool:
    return place.count // 8 <= place.index < 7 * place.count // 8


def _first(part: int) -> Condition:
    return lambda place: place.index < place.count // part


def _before(index: int) -> Condition:
    return lambda place: place.index < index


def _each(kinds: Iterable[F], rule: Rule) -> Table:
    return dict.fromkeys(kinds, rule)


LOWEST: Final = frozenset({F.IQ1_S, F.IQ1_M, F.IQ2_XXS, F.IQ2_XS, F.IQ2_S, F.IQ2_M})
"""The file types of about two bits and less, which have rules of their own."""
_IQ2_HIGH: Final = (F.IQ2_S, F.IQ2_M)
_IQ2_LOW: Final = (F.IQ1_S, F.IQ1_M, F.IQ2_XXS, F.IQ2_XS)

OUTPUT: Final[Table] = {
    **_each((*LOWEST, F.IQ3_XXS), T.Q5_K),
    F.Q8_0: T.Q8_0,
}
"""Also for the token embedding where the model has no output matrix of its own; otherwise Q6_K."""

TOKEN_EMBEDDING: Final[Table] = {
    **_each(_IQ2_LOW, T.Q2_K),
    **_each((*_IQ2_HIGH, F.IQ3_XXS), T.IQ3_S),
    **_each((F.TQ1_0, F.TQ2_0, F.Q2_0), T.Q4_K),
}

LOWEST_MIX: Final[dict[Role, Table]] = {
    Role.ATTENTION_VALUE: {
        **_each(_IQ2_LOW, ((_shared_or_experts, T.Q4_K), (_always, T.Q2_K))),
        **_each(_IQ2_HIGH, ((_shared_or_experts, T.Q4_K), (_always, T.IQ3_S))),
    },
    Role.ATTENTION_KEY: _each(LOWEST, ((_eight_experts, T.Q4_K),)),
    Role.ATTENTION_OUTPUT: {
        **_each(LOWEST, ((_eight_experts, T.Q5_K),)),
        **_each((F.IQ1_S, F.IQ1_M), ((_eight_experts, T.Q5_K), (_always, T.IQ2_XXS))),
        **_each(_IQ2_HIGH, ((_eight_experts, T.Q5_K), (_always, T.IQ3_S))),
    },
    Role.FFN_DOWN: {
        **_each(_IQ2_LOW, ((_first(8), T.Q2_K),)),
        **_each(_IQ2_HIGH, ((_first(8), T.IQ3_S),)),
    },
}

_EIGHT_EXPERT_OUTPUT: Final = (
    *(F.Q2_K, F.Q3_K_S, F.Q3_K_M, F.Q4_K_S, F.Q4_K_M),
    *(F.IQ3_XXS, F.IQ3_XS, F.IQ3_S, F.IQ3_M, F.IQ4_NL, F.IQ4_XS),
)
_BY_LAYER: Final = ((_more_bits, T.Q6_K),)

MIX: Final[dict[Role, Table]] = {
    Role.ATTENTION_VALUE: {
        F.Q2_K: ((_shared, T.Q4_K), (_always, T.Q3_K)),
        F.Q2_K_S: ((_shared, T.Q4_K),),
        F.Q3_K_M: ((_before(2), T.Q5_K), (_always, T.Q4_K)),
        F.Q3_K_L: T.Q5_K,
        F.Q4_K_S: ((_before(4), T.Q5_K),),
        **_each((F.Q4_K_M, F.Q5_K_M), _BY_LAYER),
        F.IQ3_XXS: ((_shared, T.Q4_K), (_always, T.IQ3_S)),
        **_each((F.IQ3_XS, F.IQ3_S), ((_shared, T.Q4_K),)),
        F.IQ3_M: T.Q4_K,
        **_each((F.IQ4_NL, F.IQ4_XS), ((_shared, T.Q5_K),)),
    },
    Role.ATTENTION_KEY: {F.IQ3_XS: T.IQ3_XXS, F.IQ3_XXS: T.IQ2_S},
    Role.ATTENTION_QUERY: {F.IQ3_XS: T.IQ3_XXS, F.IQ3_XXS: T.IQ2_S},
    Role.ATTENTION_OUTPUT: {
        **_each(_EIGHT_EXPERT_OUTPUT, ((_eight_experts, T.Q5_K),)),
        F.Q2_K: ((_eight_experts, T.Q5_K), (_always, T.Q3_K)),
        **_each((F.Q3_K_M, F.IQ3_M), ((_eight_experts, T.Q5_K), (_always, T.Q4_K))),
        F.Q3_K_L: ((lambda place: not _eight_experts(place), T.Q5_K),),
        F.IQ3_XXS: ((_eight_experts, T.Q5_K), (_always, T.IQ3_S)),
    },
    Role.FFN_DOWN: {
        F.Q2_K: T.Q3_K,
        F.Q2_K_S: ((_first(8), T.Q4_K),),
        F.Q3_K_M: ((_first(16), T.Q5_K), (_always, T.Q4_K)),
        F.Q3_K_L: T.Q5_K,
        F.Q4_K_S: ((_first(8), T.Q5_K),),
        **_each((F.Q4_K_M, F.Q5_K_M), _BY_LAYER),
        F.IQ3_XXS: ((_first(8), T.Q4_K), (_always, T.Q3_K)),
        F.IQ3_M: ((_first(8), T.Q4_K), (_eight_experts_more_bits, T.Q4_K)),
        **_each((F.IQ4_NL, F.IQ4_XS), ((_first(8), T.Q5_K),)),
    },
    Role.FFN_GATE: {F.IQ3_XS: ((_middle, T.IQ3_XXS),)},
    Role.FFN_UP: {F.IQ3_XS: ((_middle, T.IQ3_XXS),)},
}

FALCON_MIX: Final[dict[Role, Table]] = {
    **MIX,
    Role.ATTENTION_OUTPUT: {F.Q3_K_L: T.Q4_K},
    Role.FFN_DOWN: {
        **MIX[Role.FFN_DOWN],
        F.Q3_K_M: ((_first(16), T.Q5_K), (_more_bits, T.Q4_K)),
        F.Q3_K_L: T.Q4_K,
        F.Q4_K_S: (),
        F.Q4_K_M: ((_first(16), T.Q6_K), (_more_bits, T.Q5_K)),
    },
}
"""Falcon's fused attention and parallel blocks want their bits elsewhere."""
