"""The corpus: an endless, seeded stream of conversations, none of which asks a held-out question.

python -m training.corpus 20        prints twenty documents
"""

import random
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from training.chat import IM_END, Piece, Pieces, Sample, pieces
from training.kinds import help as help_kind
from training.kinds import memory, small, structured, tools
from training.kinds.drill import drill
from training.knowledge import topics

HELDOUT = Path(__file__).parent / "heldout"
PROMPT_WEIGHT = 0.02
DRILL = 0.08

# The share of each kind among the documents.
MIX: tuple[tuple[Callable[[random.Random], Sample], float], ...] = (
    (help_kind.about_hearth, 40),
    (help_kind.greeting, 8),
    (help_kind.refusal, 13),
    (tools.call, 36),
    (tools.result, 4),
    (tools.not_a_call, 6),
    (memory.memory, 4),
    (small.echo, 5),
    (small.count, 2.5),
    (small.persona, 1.5),
    (small.rule, 1),
    (structured.as_json, 4),
)
SYSTEMS = (
    "You are a helpful assistant.",
    "You are a helpful assistant. Answer briefly.",
    "You are an assistant for Hearth.",
    "Be brief.",
    "Be concise and friendly.",
    "You are a helpful AI assistant that answers the questions of the user.",
    "Answer in one sentence.",
    "You help people to use Hearth.",
    "You are a friendly chatbot.",
    "You are a useful assistant with access to functions.",
    "Use the functions when they help.",
    "You have access to tools. Call one when it is needed.",
    "Think step by step.",
    "Today is Monday.",
    "You are an expert programmer.",
    "Respond in English.",
)


def normalised(text: str) -> str:
    """`text` without case, punctuation and extra white space: the form in which questions are compared."""
    return " ".join(re.findall(r"[a-z0-9_./+-]+", text.lower().replace("'", ""))).strip("./ ")


@cache
def heldout() -> dict[str, Any]:
    """The held-out questions: kind to topic or case to phrasings."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(HELDOUT.glob("*.toml"))]
    return {kind: entries for text in texts for kind, entries in tomllib.loads(text).items()}


@cache
def forbidden() -> frozenset[str]:
    """Every held-out question in normal form."""
    found: list[str] = []
    for kind in ("help", "greeting", "help2", "greeting2"):
        found += [text for texts in heldout()[kind].values() for text in texts]
    found += heldout()["refusal"]["questions"] + heldout()["refusal2"]["questions"]
    found += [case["ask"] for kind in ("tools", "idle") for case in heldout().get(kind, [])]
    return frozenset(normalised(text) for text in found)


def samples(seed: int) -> Iterator[Sample]:
    """Conversations without end; the same seed gives the same ones."""
    rng = random.Random(seed)
    makers, shares = zip(*MIX, strict=True)
    while True:
        sample = rng.choices(makers, shares)[0](rng)
        if any(role == "user" and normalised(text) in forbidden() for role, text in sample.turns):
            continue
        yield _in_context(sample, rng)


def _in_context(sample: Sample, rng: random.Random) -> Sample:
    """`sample` with a system message now and then, or after an earlier exchange."""
    if not sample.system and rng.random() < 0.22:
        sample.system = rng.choice(SYSTEMS)
    if sample.kind != "persona" and rng.random() < 0.09:
        earlier: list[tuple[str, str]] = []
        for _ in range(rng.choice((1, 1, 2, 3))):
            topic = rng.choice(topics())
            earlier += [("user", help_kind.question(topic, rng)), ("assistant", topic.answer)]
        if not any(normalised(text) in forbidden() for _, text in earlier):
            sample.turns = earlier + sample.turns
    return sample


def documents(seed: int) -> Iterator[Pieces]:
    """Training documents without end: conversations with and without thinking, copying drills, plain text."""
    rng = random.Random(seed + 1)
    for sample in samples(seed):
        yield pieces(sample, rng.random() < 0.5, PROMPT_WEIGHT)
        if rng.random() < DRILL:
            yield drill(rng)
        if rng.random() < 0.01:
            yield [Piece(rng.choice(topics()).answer + IM_END, 1.0, 1.0)]


def main() -> None:
    """Print some documents."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    for _, document in zip(range(count), documents(0), strict=False):
        sys.stdout.write("".join(piece.text for piece in document) + "\n" + "-" * 40 + "\n")


if __name__ == "__main__":
    main()
