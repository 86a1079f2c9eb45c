"""Rows for training: documents become tokens, and tokens are packed into rows of equal length."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from tokenizers import Tokenizer

from training.chat import LEAD
from training.corpus import documents

ROW_TOKENS = 2048
LENGTHS = (256, 512, 1024)
POOL = 600


@dataclass(frozen=True)
class Document:
    """A tokenised document; `weights[i]` is the loss weight of token i."""

    tokens: list[int]
    weights: list[float]


def tokenised(tokenizer: Tokenizer, seed: int) -> Iterator[Document]:
    """The corpus of `seed` as tokens, without end."""
    stream = documents(seed)
    while True:
        chunk = list(islice(stream, 256))
        encoded = iter(tokenizer.encode_batch([piece.text for document in chunk for piece in document]))
        for document in chunk:
            tokens: list[int] = []
            weights: list[float] = []
            for piece in document:
                ids = next(encoded).ids
                tokens += ids
                weights += [piece.lead if i < LEAD else piece.weight for i in range(len(ids))]
            yield Document(tokens, weights)


def _take_row(pool: list[Document], length: int) -> list[Document]:
    row: list[Document] = []
    room = length + 1
    index = 0
    while index < len(pool) and room > 12:
        if len(pool[index].tokens) <= room:
            room -= len(pool[index].tokens)
            row.append(pool.pop(index))
        else:
            index += 1
    return row


def pack(rows: list[list[Document]], length: int) -> dict[str, np.ndarray]:
    """Rows of documents as arrays of `length` + 1: tokens, document numbers (-1: padding), loss weights."""
    tokens = np.zeros((len(rows), length + 1), np.int32)
    numbers = np.full((len(rows), length + 1), -1, np.int32)
    weight = np.zeros((len(rows), length + 1), np.float32)
    for index, row in enumerate(rows):
        at = 0
        for number, document in enumerate(row):
            end = at + len(document.tokens)
            tokens[index, at:end] = document.tokens
            numbers[index, at:end] = number
            weight[index, at:end] = document.weights
            weight[index, at] = 0.0
            at = end
    return {"tokens": tokens, "documents": numbers, "weight": weight}


def batches(tokenizer: Tokenizer, seed: int) -> Iterator[dict[str, np.ndarray]]:
    """Batches of about ROW_TOKENS tokens, in rows of the least length that fits the oldest document."""
    stream = tokenised(tokenizer, seed)
    pool: list[Document] = []
    while True:
        while len(pool) < POOL:
            document = next(stream)
            if len(document.tokens) <= LENGTHS[-1] + 1:
                pool.append(document)
        length = next(n for n in LENGTHS if len(pool[0].tokens) <= n + 1)
        yield pack([_take_row(pool, length) for _ in range(ROW_TOKENS // length)], length)
