"""Many threads that create, copy and delete models of the same few blobs lose nothing."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.library.support import FastDisk, add_model, assert_sound, blob_names, name, state, used_blobs

from hearth.errors import ModelNotFound
from hearth.library import Layer, Library, MediaType, ModelConfig
from hearth.names import Digest

CONTENTS = ("one", "two", "three")
NAMES = ("a", "b", "c", "d")
THREADS = 6
ROUNDS = 60


def create(library: Library, random: random.Random) -> None:
    add_model(library, random.choice(NAMES), *random.sample(CONTENTS, 2))


def copy(library: Library, random: random.Random) -> None:
    library.copy(name(random.choice(NAMES)), name(random.choice(NAMES)))


def delete(library: Library, random: random.Random) -> None:
    library.delete(name(random.choice(NAMES)))


def derive(library: Library, random: random.Random) -> None:
    """Make a model of another one's layers, as `FROM` does."""
    base = library.find(name(random.choice(NAMES)))
    with library.hold(base.manifest.digests):
        if all(library.has_blob(layer.digest) for layer in base.manifest.layers):
            library.put(
                name(random.choice(NAMES)),
                ModelConfig(),
                base.manifest.layers,
                inherited=base.manifest.digests,
            )


def read(library: Library, random: random.Random) -> None:
    model = library.find(name(random.choice(NAMES)))
    with library.hold(model.manifest.digests):
        for layer in model.manifest.layers:
            if library.has_blob(layer.digest):
                library.read_layer(layer, 10)


def listing(library: Library, random: random.Random) -> None:
    assert library.damaged() == []
    assert len(library.models()) <= len(NAMES)


ACTIONS: tuple[Callable[[Library, random.Random], None], ...] = (
    create,
    create,
    copy,
    delete,
    derive,
    read,
    listing,
)


def work(library: Library, seed: int, start: threading.Barrier) -> int:
    """Do a number of actions; only a name that is not there may go wrong. Gives how many went well."""
    chosen = random.Random(seed)
    done = 0
    start.wait(10)
    for _ in range(ROUNDS):
        try:
            chosen.choice(ACTIONS)(library, chosen)
            done += 1
        except ModelNotFound:
            continue
    return done


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_threads_lose_nothing(root: Path, seed: int) -> None:
    start = threading.Barrier(THREADS)
    with Library(root, embedded=None, disk=FastDisk()) as library, ThreadPoolExecutor(THREADS) as pool:
        futures = [pool.submit(work, library, seed * THREADS + index, start) for index in range(THREADS)]
        assert sum(future.result(60) for future in futures) > THREADS * ROUNDS // 2
        for model in library.models():
            for layer in model.manifest.layers:
                library.read_layer(layer, 10)
        for model in library.models():
            library.delete(model.name)
    assert assert_sound(root) == {}


def test_every_thread_stores_the_same_blob(root: Path) -> None:
    start = threading.Barrier(THREADS)

    def store(library: Library) -> Digest:
        start.wait(10)
        with library.blob_writer() as writer:
            for _ in range(50):
                writer.write(bytes(1000))
            return writer.commit()

    with Library(root, embedded=None) as library, ThreadPoolExecutor(THREADS) as pool:
        futures = [pool.submit(store, library) for _ in range(THREADS)]
        assert {future.result(60) for future in futures} == {Digest.of(bytes(50_000))}
        assert blob_names(root) == {Digest.of(bytes(50_000)).filename}


def test_a_delete_between_upload_and_create_takes_nothing(root: Path) -> None:
    with Library(root, embedded=None) as library:
        add_model(library, "old", "shared")
        digest, size = library.add_bytes(b"shared")
        library.delete(name("old"))
        library.put(name("new"), ModelConfig(), [Layer(MediaType.MODEL, digest, size)])
        assert state(library) == {"new:latest": ("shared",)}
        assert blob_names(root) == used_blobs(library)
        library.delete(name("new"))
        assert blob_names(root) == set()
