"""A drill in copying: words in a row, said again. It makes the attention heads that copy grow early."""

import random

from training.chat import IM_END, Piece, Pieces
from training.kinds import words
from training.knowledge import topics


def drill(rng: random.Random) -> Pieces:
    """A line of random words, then the same line once or twice more; only the repetitions count."""
    line = " ".join(_word(rng) for _ in range(rng.randint(3, 14))) + "\n"
    again = line * rng.choice((1, 1, 2))
    return [Piece(line, 0.0, 0.0), Piece(again + IM_END, 1.0, 1.0)]


def _word(rng: random.Random) -> str:
    chance = rng.random()
    if chance < 0.4:
        return words.invent(rng)
    if chance < 0.5:
        return str(words.integer(rng))
    if chance < 0.65:
        return rng.choice((words.city, words.person, words.path))(rng)
    return rng.choice(rng.choice(topics()).answer.split())
