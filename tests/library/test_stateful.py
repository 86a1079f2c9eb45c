"""The library against a model of it: a dictionary from folded names to contents."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.library.support import FastDisk, add_model, blob_names, name, state, write_model

from hearth.errors import ModelNotFound, ReadOnly
from hearth.library import Library, ModelConfig
from hearth.names import Digest, ModelName

names = st.sampled_from(["a", "A", "b", "B:V1", "b:v1", "team/a", "Team/A", "guide", "GUIDE"]).map(name)
contents = st.lists(st.sampled_from(["one", "two", "three", "guide weights"]), max_size=3, unique=True)


class LibraryMachine(RuleBasedStateMachine):
    """Every rule is one thing a user can do."""

    @initialize()
    def start(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="library-"))
        self.embedded = self.directory / "embedded"
        write_model(self.embedded, "registry.ollama.ai/library/guide/latest", b"guide weights")
        self.own: dict[ModelName, tuple[str, ...]] = {}
        self.uploads: set[str] = set()
        self.forgotten: set[str] = set()
        self.open()

    def open(self) -> None:
        self.library = Library(self.directory / "models", embedded=self.embedded, disk=FastDisk())
        self.library.open()

    def teardown(self) -> None:
        if hasattr(self, "directory"):
            self.library.close()
            shutil.rmtree(self.directory)

    @rule(wanted=names, layers=contents)
    def put(self, wanted: ModelName, layers: list[str]) -> None:
        add_model(self.library, str(wanted), *layers)
        self.own[wanted.folded()] = tuple(layers)

    @rule(base=names, wanted=names)
    def derive(self, base: ModelName, wanted: ModelName) -> None:
        layers = self.own.get(base.folded(), self.builtin(base))
        if layers is not None:
            found = self.library.find(base).manifest
            with self.library.hold(found.digests):
                self.library.put(wanted, ModelConfig(), found.layers, inherited=found.digests)
            self.own[wanted.folded()] = layers

    @rule(content=st.sampled_from(["one", "two", "four"]))
    def upload(self, content: str) -> None:
        self.library.add_bytes(content.encode())
        self.uploads.add(content)

    @rule(source=names, wanted=names)
    def copy(self, source: ModelName, wanted: ModelName) -> None:
        found = self.own.get(source.folded(), self.builtin(source))
        if found is None:
            with pytest.raises(ModelNotFound):
                self.library.copy(source, wanted)
        else:
            self.library.copy(source, wanted)
            self.own[wanted.folded()] = found

    @rule(wanted=names)
    def delete(self, wanted: ModelName) -> None:
        if wanted.folded() in self.own:
            self.library.delete(wanted)
            del self.own[wanted.folded()]
        else:
            with pytest.raises(ModelNotFound if self.builtin(wanted) is None else ReadOnly):
                self.library.delete(wanted)

    @rule(wanted=names)
    def find(self, wanted: ModelName) -> None:
        expected = self.own.get(wanted.folded(), self.builtin(wanted))
        if expected is None:
            with pytest.raises(ModelNotFound):
                self.library.find(wanted)
        else:
            model = self.library.find(wanted)
            assert model.name.folded() == wanted.folded()
            assert model.embedded == (wanted.folded() not in self.own)

    @rule()
    def restart(self) -> None:
        """What was uploaded stays on disk, but nobody waits for it any more."""
        self.library.close()
        self.open()
        self.forgotten |= self.uploads
        self.uploads.clear()

    @invariant()
    def lists_what_is_there(self) -> None:
        if hasattr(self, "library"):
            expected = dict(self.own)
            expected.setdefault(name("guide"), ("guide weights",))
            assert {name(key).folded(): value for key, value in state(self.library).items()} == expected

    @invariant()
    def keeps_blobs_in_use_and_uploads_and_nothing_else(self) -> None:
        if hasattr(self, "library"):
            present = blob_names(self.directory / "models")
            waiting = {Digest.of(content.encode()).filename for content in self.uploads}
            forgotten = {Digest.of(content.encode()).filename for content in self.forgotten}
            used = self.own_blobs()
            assert waiting | used <= present <= waiting | used | forgotten

    def own_blobs(self) -> set[str]:
        return {
            digest.filename
            for model in self.library.models()
            if not model.embedded
            for digest in model.manifest.digests
        }

    @staticmethod
    def builtin(wanted: ModelName) -> tuple[str, ...] | None:
        return ("guide weights",) if wanted.folded() == name("guide") else None


TestLibraryMachine = LibraryMachine.TestCase
TestLibraryMachine.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
