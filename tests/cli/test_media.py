"""Images and sound named in a prompt are found, checked, and taken out of the text."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from hearth.cli import media
from hearth.cli.failure import CommandError
from hearth.cli.media import extract, is_media

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
JPEG = b"\xff\xd8\xff\xe0" + bytes(16)
WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8 "
WAV = b"RIFF\x00\x00\x00\x00WAVEfmt "


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_a_path_becomes_an_image_and_leaves_the_prompt(here: Path) -> None:
    write(here / "cat.png", PNG)
    found = extract("what is in ./cat.png")
    assert found.prompt == "what is in"
    assert base64.b64decode(found.images[0]) == PNG
    assert found.notes == ("Added image 'cat.png'",)


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [("a.jpg", JPEG, "image"), ("a.JPEG", JPEG, "image"), ("a.webp", WEBP, "image"), ("a.wav", WAV, "audio")],
)
def test_the_kinds_of_media(here: Path, name: str, data: bytes, kind: str) -> None:
    write(here / name, data)
    assert extract(f"{here}/{name} and?").notes == (f"Added {kind} '{here}/{name}'",)


@pytest.mark.parametrize(
    ("written", "file"),
    [
        ("'./my cat.png'", "my cat.png"),
        ("./my cat.png", "my cat.png"),
        (r"./my\ cat\ \(1\).png", "my cat (1).png"),
        ("./deep/er/cat.png", "deep/er/cat.png"),
    ],
)
def test_the_ways_to_write_a_path(here: Path, written: str, file: str) -> None:
    write(here / file, PNG)
    found = extract(f"look: {written} thanks")
    assert len(found.images) == 1
    assert found.prompt.split() == ["look:", "thanks"]


def test_a_path_above_and_one_at_home(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(here / "up.png", PNG)
    (here / "below").mkdir()
    monkeypatch.chdir(here / "below")
    monkeypatch.setenv("HOME", str(here))
    assert len(extract("../up.png").images) == 1
    assert len(extract("~/up.png").images) == 1


def test_several_paths_keep_their_order(here: Path) -> None:
    write(here / "one.png", PNG)
    write(here / "two.jpg", JPEG)
    found = extract("compare ./one.png with ./two.jpg please")
    assert [base64.b64decode(image) for image in found.images] == [PNG, JPEG]
    assert found.prompt.split() == ["compare", "with", "please"]


def test_a_path_after_one_that_does_not_exist_is_still_found(here: Path) -> None:
    write(here / "cat.png", PNG)
    assert len(extract("either/or ./nothing.png ./cat.png").images) == 1


@pytest.mark.parametrize("prompt", ["", "what is cat.png", "./missing.png", "/etc/passwd", "http://x/y.png"])
def test_other_text_is_left_as_it_is(here: Path, prompt: str) -> None:
    assert extract(prompt) == media.Media(prompt)


def test_a_file_that_is_not_what_its_name_says_is_refused(here: Path) -> None:
    write(here / "secret.png", b"-----BEGIN OPENSSH PRIVATE KEY-----")
    with pytest.raises(CommandError, match=r"invalid file type: secret\.png"):
        extract("./secret.png")


def test_a_file_that_is_too_large_is_refused(here: Path) -> None:
    with write(here / "big.png", PNG).open("r+b") as file:
        file.truncate(media.MAX_BYTES + 1)
    with pytest.raises(CommandError, match="100MB"):
        extract("./big.png")


def test_a_pipe_is_no_media_file(here: Path) -> None:
    os.mkfifo(here / "pipe.png")
    assert extract("./pipe.png").images == ()


def test_a_line_that_starts_with_a_media_file_is_told_from_a_command(here: Path) -> None:
    write(here / "cat.png", PNG)
    assert is_media(f"{here}/cat.png what is this")
    assert not is_media("/show info")
    assert not is_media(f"/show {here}/cat.png")
