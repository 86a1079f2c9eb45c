from __future__ import annotations

import os
import string
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.errors import InvalidDigest, InvalidName
from hearth.names import Digest, ModelName

HEX = "0123456789abcdef" * 4
LIBRARY = "registry.ollama.ai/library"


@pytest.mark.parametrize(
    ("text", "full", "shown"),
    [
        ("llama3.2", f"{LIBRARY}/llama3.2:latest", "llama3.2:latest"),
        ("llama3.2:1b", f"{LIBRARY}/llama3.2:1b", "llama3.2:1b"),
        ("  llama3.2:1b\n", f"{LIBRARY}/llama3.2:1b", "llama3.2:1b"),
        ("library/llama3.2", f"{LIBRARY}/llama3.2:latest", "llama3.2:latest"),
        ("me/model", "registry.ollama.ai/me/model:latest", "me/model:latest"),
        ("me/model:v1.0-rc_2", "registry.ollama.ai/me/model:v1.0-rc_2", "me/model:v1.0-rc_2"),
        ("registry.ollama.ai/library/a:b", f"{LIBRARY}/a:b", "a:b"),
        ("registry.ollama.ai/me/a", "registry.ollama.ai/me/a:latest", "me/a:latest"),
        ("example.com/library/a", "example.com/library/a:latest", "example.com/library/a:latest"),
        ("hf.co/user/repo:Q4_K_M", "hf.co/user/repo:Q4_K_M", "hf.co/user/repo:Q4_K_M"),
        (
            "hf.co/User/Some.Model-7B-GGUF",
            "hf.co/User/Some.Model-7B-GGUF:latest",
            "hf.co/User/Some.Model-7B-GGUF:latest",
        ),
        ("localhost:5000/me/a", "localhost:5000/me/a:latest", "localhost:5000/me/a:latest"),
        ("localhost:5000/me/a:b", "localhost:5000/me/a:b", "localhost:5000/me/a:b"),
        ("https://localhost:5000/me/a:b", "localhost:5000/me/a:b", "localhost:5000/me/a:b"),
        ("http://hf.co/user/repo", "hf.co/user/repo:latest", "hf.co/user/repo:latest"),
        ("_/_/_:_", "_/_/_:_", "_/_/_:_"),
        ("a..b", f"{LIBRARY}/a..b:latest", "a..b:latest"),
        ("A:B", f"{LIBRARY}/A:B", "A:B"),
        ("model:local", f"{LIBRARY}/model:latest", "model:latest"),
        ("model:8b:local", f"{LIBRARY}/model:8b", "model:8b"),
        ("model:8b:LOCAL", f"{LIBRARY}/model:8b", "model:8b"),
        ("model:local:local", f"{LIBRARY}/model:local", "model:local:local"),
        ("m" * 80 + ":" + "t" * 80, f"{LIBRARY}/{'m' * 80}:{'t' * 80}", "m" * 80 + ":" + "t" * 80),
    ],
)
def test_valid_names(text: str, full: str, shown: str) -> None:
    name = ModelName.parse(text)
    assert name.full == full
    assert str(name) == shown
    assert ModelName.parse(shown) == name


INVALID = [
    "",
    " ",
    ":",
    "/",
    ":tag",
    "model:",
    "/model",
    "model/",
    "me//model",
    "/me/model",
    "host//model",
    "host/me/",
    "a/b/c/d",
    "a/b/c/d:e",
    "model:a:b",
    "model:tag/",
    ".",
    "..",
    "...",
    "../model",
    "../../model",
    "../../../etc/passwd",
    "..\\..\\model",
    "me/..",
    "me/../model",
    "host/../model",
    "../me/model",
    "./me/model",
    "model:..",
    "model:../../x",
    "model:.hidden",
    "model:-x",
    "-model",
    "--help",
    ".model",
    "me/.model",
    ".me/model",
    "na.me/model",
    "na:me/model",
    "host/na.me/model",
    "localhost:5000/model",
    "~/model",
    "/etc/passwd",
    "C:\\model",
    "mo del",
    "mo\tdel",
    "mo\ndel",
    "model\x00",
    "mo\x00del",
    "\x00",
    "model:\x00",
    "model\x7f",
    "mo%2fdel",
    "model@sha256:" + HEX,
    "model:tag@sha256:" + HEX,
    "sha256:" + HEX + ":x",
    "модель",
    "模型",
    "mod\u00e9l",
    "model\u0661",
    "\uff4dodel",
    "mi\N{KELVIN SIGN}e",
    "model\u200b",
    "model:\u202elatest",
    "me\u2215model",
    "me\uff0fmodel",
    "m" * 81,
    "model:" + "t" * 81,
    "n" * 81 + "/model",
    "h" * 351 + "/me/model",
    "a" * 1_000_000,
    "/" * 100_000,
    ":" * 100_000,
    "a:local" * 1000,
    "://",
    "://host/me/model",
    "https://",
    "https://model",
    "https://me/model",
    "https://host:5000",
    "https:///model",
    "https://user@host/me/model",
    "https://https://host/me/model",
    "a/b://host/me/model",
    "$(id)",
    "`id`",
    "model;rm",
    "*",
    "model?",
    "{model}",
]


@pytest.mark.parametrize("text", INVALID, ids=range(len(INVALID)))
def test_invalid_names(text: str) -> None:
    with pytest.raises(InvalidName, match=r"^invalid model name: .*expected \[host/\]") as caught:
        ModelName.parse(text)
    assert len(caught.value.message) < 500
    assert caught.value.status == 400


def test_the_message_shows_what_was_wrong() -> None:
    with pytest.raises(InvalidName, match="'me//model'"):
        ModelName.parse("me//model")


def test_the_longest_host() -> None:
    assert ModelName.parse("h" * 350 + "/me/model").host == "h" * 350


@pytest.mark.parametrize("text", ["Model:TAG", "Me/Model:Tag", "Host.EXAMPLE/Me/Model:Q4_K_M"])
def test_names_fold_to_lower_case(text: str) -> None:
    name = ModelName.parse(text)
    assert str(name) == text
    assert name.folded() == ModelName.parse(text.lower()) == ModelName.parse(text.upper()).folded()
    assert name != name.folded()


def test_the_path_has_four_plain_parts() -> None:
    name = ModelName.parse("localhost:5000/me/model:v1")
    assert name.path == PurePosixPath("localhost:5000/me/model/v1")
    assert ModelName.from_path(name.path) == name


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "a",
        "a/b/c",
        "a/b/c/d/e",
        "/a/b/c/d",
        "../b/c/d",
        "a/../c/d",
        "a/b/../d",
        "a/b/c/..",
        "a/b.b/c/d",
        "a/b/c/.DS_Store",
        "a/b/c/d e",
        "a/b/c/d\n",
        "a/b/c/d:e",
        "a/b/c:d/e",
        "a/b/c/\udcff",
        "a/b/c/" + "t" * 81,
    ],
)
def test_paths_that_are_no_names(path: str) -> None:
    assert ModelName.from_path(PurePosixPath(path)) is None


letters = string.ascii_letters + string.digits + "_"


def part(more: str, longest: int) -> st.SearchStrategy[str]:
    return st.builds(str.__add__, st.sampled_from(letters), st.text(letters + more, max_size=longest - 1))


valid_names = st.builds(
    ModelName,
    part(".:-", 350) | st.just("registry.ollama.ai"),
    part("-", 80) | st.just("library"),
    part(".-", 80),
    part(".-", 80) | st.sampled_from(["latest", "local", "LOCAL", "cloud"]),
)


@given(valid_names)
def test_what_is_shown_is_parsed_back(name: ModelName) -> None:
    assert ModelName.parse(str(name)) == name
    assert ModelName.from_path(name.path) == name


hostile = st.text() | st.text("./:\\~_-aB0\x00 \n", max_size=30) | st.sampled_from(INVALID)


@given(hostile)
def test_no_name_leaves_the_directory(text: str) -> None:
    try:
        name = ModelName.parse(text)
    except InvalidName:
        return
    root = Path("/store/manifests")
    path = root.joinpath(name.path)
    assert Path(os.path.normpath(path)) == path
    assert path.is_relative_to(root)
    assert len(path.relative_to(root).parts) == 4
    assert name.path.as_posix().isascii()
    assert name.path.as_posix().isprintable()
    assert ModelName.parse(str(name)) == name


@pytest.mark.parametrize("separator", [":", "-"])
def test_valid_digests(separator: str) -> None:
    digest = Digest.parse(f"sha256{separator}{HEX.upper()}")
    assert digest.hex == HEX
    assert str(digest) == f"sha256:{HEX}"
    assert digest.filename == f"sha256-{HEX}"
    assert digest.short == HEX[:12]


def test_the_digest_of_bytes() -> None:
    assert str(Digest.of(b"")) == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


INVALID_DIGESTS = [
    "",
    "sha256",
    "sha256:",
    HEX,
    f":{HEX}",
    f"sha256{HEX}",
    f"sha256_{HEX}",
    f"SHA256:{HEX}",
    f"sha512:{HEX}",
    f"sha1:{HEX[:40]}",
    f"sha256:{HEX[:-1]}",
    f"sha256:{HEX}0",
    f"sha256:{HEX[:-1]}g",
    f"sha256::{HEX}",
    f"sha256:-{HEX}",
    f" sha256:{HEX}",
    f"sha256:{HEX} ",
    f"sha256:{HEX}\n",
    f"sha256:{HEX}\x00",
    f"sha256:{HEX[:-1]}\x00",
    f"sha256:{HEX}-partial",
    f"sha256:{HEX}/../x",
    f"../sha256:{HEX}",
    "../../../../../../etc/ld.so.preload",
    "sha256:../../../../../etc/ld.so.preload",
    "sha256-../../../../../etc/ld.so.preload",
    "sha256:" + "../" * 21 + "x",
    "sha256:" + "." * 64,
    "sha256:" + "/" * 64,
    "sha256:" + "\u0661" * 64,
    "sha256:" + "\uff11" * 64,
    "sha256:" + "\U0001d7d8" * 64,
    f"sha256:{HEX[:-1]}\u0661",
    f"sha256:+{HEX[1:]}",
    f"sha256:0x{HEX[2:]}",
    f"sha256:{HEX[:32]}_{HEX[33:]}",
    "sha256:" + "a" * 1_000_000,
]


@pytest.mark.parametrize("text", INVALID_DIGESTS, ids=range(len(INVALID_DIGESTS)))
def test_invalid_digests(text: str) -> None:
    with pytest.raises(InvalidDigest, match=r"^invalid digest format"):
        Digest.parse(text)


@given(hostile | st.text("sha256:-0123456789abcdefABCDEF./").map("sha256:".__add__))
def test_no_digest_leaves_the_directory(text: str) -> None:
    try:
        digest = Digest.parse(text)
    except InvalidDigest:
        return
    assert Digest.parse(str(digest)) == Digest.parse(digest.filename) == digest
    assert digest.filename.removeprefix("sha256-").isalnum()
