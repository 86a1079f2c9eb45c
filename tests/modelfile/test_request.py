"""From a Modelfile and the files beside it to the request for the server."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hearth.errors import ModelfileError
from hearth.messages import Json
from hearth.modelfile import Draft, build, hash_files, parse
from hearth.names import Digest


def gguf(path: Path, content: str = "") -> Path:
    """A file that the client takes for a GGUF file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"GGUF" + content.encode())
    return path


def draft(text: str, base: Path, home: Path | None = None) -> Draft:
    return build(parse(text), base, home)


def refused(text: str, base: Path) -> str:
    with pytest.raises(ModelfileError) as caught:
        draft(text, base)
    return caught.value.message


@pytest.mark.parametrize(
    "name", ["llama3.2", "hf.co/user/repo:Q4_K_M", "hf.co/user/repo:m.gguf", "me/x:latest"]
)
def test_what_is_no_file_is_a_model_name(tmp_path: Path, name: str) -> None:
    made = draft(f"FROM {name}", tmp_path)
    assert (made.from_, made.files) == (name, {})


@pytest.mark.parametrize("text", ["m.gguf", "./m.gguf", "sub/../m.gguf", "{base}/m.gguf", "~/m.gguf"])
def test_a_file_is_found_from_the_modelfile_or_home(tmp_path: Path, text: str) -> None:
    file = gguf(tmp_path / "m.gguf")
    (tmp_path / "sub").mkdir()
    made = draft(f"FROM {text.format(base=tmp_path)}", tmp_path, home=tmp_path)
    assert (made.from_, made.files) == ("", {"m.gguf": file})


def test_a_base_directory_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = gguf(tmp_path / "a" / "m.gguf")
    monkeypatch.chdir(tmp_path)
    assert draft("FROM m.gguf", Path("a")).files == {"m.gguf": file}


def test_the_home_of_a_user(tmp_path: Path) -> None:
    user = getpass.getuser()
    expected = Path(f"~{user}").expanduser()
    assert str(expected) in refused(f"FROM ~{user}/certainly/not/there.gguf", tmp_path)
    assert "there is no such user" in refused("FROM ~no-such-user-here/x", tmp_path)


@pytest.mark.parametrize("text", ["./no.gguf", "no.gguf", "../no", "/no/such", "~/no-such-thing"])
def test_a_path_that_is_not_there_is_said_so(tmp_path: Path, text: str) -> None:
    assert f"(line 2): {text}: no such file or directory" in refused(f"# x\nFROM {text}", tmp_path)


@pytest.mark.parametrize("text", ["a/b/c/d/e", "x" * 5000, "bad name", "nul\0"])
def test_what_is_neither_file_nor_name(tmp_path: Path, text: str) -> None:
    assert refused(f"FROM {text}", tmp_path).startswith("(line 1): ")


def test_files_of_several_from_lines_keep_their_places(tmp_path: Path) -> None:
    text, clip = gguf(tmp_path / "a" / "m.gguf"), gguf(tmp_path / "b" / "m.gguf", "clip")
    made = draft("FROM a/m.gguf\nFROM ./b/m.gguf\nFROM a/../a/m.gguf", tmp_path)
    assert made.files == {"a/m.gguf": text, "b/m.gguf": clip}


def test_adapter_and_draft(tmp_path: Path) -> None:
    lora, small = gguf(tmp_path / "lora.gguf"), gguf(tmp_path / "small.gguf")
    made = draft("FROM base\nADAPTER lora.gguf\nDRAFT small.gguf", tmp_path)
    assert made.adapters == {"lora.gguf": lora}
    assert made.draft_files == {"small.gguf": small}
    assert made.paths == (lora, small)
    assert "no such file" in refused("FROM base\nADAPTER no-such", tmp_path)
    assert "DRAFT must not reference the same local path" in refused(
        "FROM small.gguf\nDRAFT ./small.gguf", tmp_path
    )


def test_the_last_adapter_wins(tmp_path: Path) -> None:
    gguf(tmp_path / "one.gguf")
    two = gguf(tmp_path / "two.gguf")
    assert draft("FROM base\nADAPTER one.gguf\nADAPTER two.gguf", tmp_path).adapters == {"two.gguf": two}


def test_one_part_of_a_split_model_brings_the_others(tmp_path: Path) -> None:
    names = [f"m-0000{number}-of-00003.gguf" for number in (1, 2, 3)]
    files = {name: gguf(tmp_path / name, name) for name in names}
    assert draft(f"FROM {names[1]}", tmp_path).files == files
    files[names[2]].unlink()
    assert f"{names[2]} is missing" in refused(f"FROM {names[0]}", tmp_path)


def test_a_directory_gives_its_gguf_files(tmp_path: Path) -> None:
    one, two = gguf(tmp_path / "d" / "m.gguf"), gguf(tmp_path / "d" / "mmproj.gguf")
    (tmp_path / "d" / "README.md").write_text("no model")
    assert draft("FROM ./d", tmp_path).files == {"m.gguf": one, "mmproj.gguf": two}
    assert draft("FROM .", tmp_path / "d").files == {"m.gguf": one, "mmproj.gguf": two}


def test_a_directory_of_old_bin_files(tmp_path: Path) -> None:
    file = gguf(tmp_path / "d" / "ggml-model.bin")
    assert draft("FROM d", tmp_path).files == {"ggml-model.bin": file}


@pytest.mark.parametrize(
    "name",
    [
        "model.safetensors",
        "model-00001-of-00002.safetensors",
        "text/model.safetensors",
        "adapter_model.safetensors",
        "consolidated.00.safetensors",
        "pytorch_model.bin",
        "consolidated.00.pth",
    ],
)
def test_what_must_be_converted_says_how(tmp_path: Path, name: str) -> None:
    gguf(tmp_path / "d" / name)
    gguf(tmp_path / "d" / "also.gguf")
    message = refused("FROM ./d", tmp_path)
    assert "comes in a later version" in message
    assert "convert_hf_to_gguf.py" in message


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("m.safetensors", b"\x10\0\0\0\0\0\0\0{}", "comes in a later version"),
        ("m.bin", b"PK\x03\x04", "comes in a later version"),
        ("m.gguf", b"<html>", "invalid content type: expected a GGUF file"),
        ("m.gguf", b"GG", "invalid content type"),
        ("m.gguf", b"", "is empty; expected a GGUF file"),
    ],
)
def test_a_file_that_is_no_gguf(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert message in refused(f"FROM ./{name}", tmp_path)


def test_an_empty_directory_says_what_was_looked_for(tmp_path: Path) -> None:
    (tmp_path / "llama3").mkdir()
    message = refused("FROM llama3", tmp_path)
    assert "no Modelfile or safetensors files found" in message
    assert '"FROM llama3:latest"' in message


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "m.gguf")
    assert "is not a regular file" in refused("FROM ./m.gguf", tmp_path)
    assert "is not a regular file" in refused("FROM .", tmp_path)


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null"])
def test_a_device_is_refused(tmp_path: Path, path: str) -> None:
    assert "is not a regular file" in refused(f"FROM {path}", tmp_path)


def test_links(tmp_path: Path) -> None:
    outside = gguf(tmp_path / "outside.gguf")
    directory = tmp_path / "d"
    gguf(directory / "real.gguf")
    (directory / "inside.gguf").symlink_to("real.gguf")
    assert sorted(draft("FROM ./d", tmp_path).files) == ["inside.gguf", "real.gguf"]
    (directory / "out.gguf").symlink_to(outside)
    assert "insecure path" in refused("FROM ./d", tmp_path)
    assert draft("FROM ./d/out.gguf", tmp_path).files == {"out.gguf": directory / "out.gguf"}
    (directory / "out.gguf").unlink()
    (directory / "dead.gguf").symlink_to("nothing")
    assert "is a link to nothing" in refused("FROM ./d", tmp_path)


def test_links_into_the_download_cache_come_with_advice(tmp_path: Path) -> None:
    blob = gguf(tmp_path / ".cache" / "blobs" / "abc")
    snapshot = tmp_path / ".cache" / "snapshot"
    snapshot.mkdir()
    (snapshot / "m.gguf").symlink_to(blob)
    assert "--local-dir" in refused("FROM .cache/snapshot", tmp_path)


def test_the_blob_path_that_show_prints(tmp_path: Path) -> None:
    blob = gguf(tmp_path / "blobs" / f"sha256-{'a' * 64}")
    assert draft(f"FROM {blob}", tmp_path / "elsewhere").files == {blob.name: blob}


def test_a_file_name_that_is_not_utf8(tmp_path: Path) -> None:
    directory = tmp_path / "d"
    directory.mkdir()
    try:
        Path(os.fsdecode(os.fsencode(directory) + b"/\xff.gguf")).write_bytes(b"GGUF")
    except OSError:
        pytest.skip("the file system takes UTF-8 names only")
    assert "is not UTF-8" in refused("FROM ./d", tmp_path)


def test_texts_lists_and_parameters(tmp_path: Path) -> None:
    made = draft(
        "FROM base\nTEMPLATE first\nTEMPLATE {{ .Prompt }}\nSYSTEM be kind\nLICENSE one\nLICENSE two\n"
        "PARAMETER stop a\nPARAMETER stop b\nPARAMETER top_k 1\nPARAMETER top_k 20\nPARAMETER temperature 1\n"
        "PARAMETER use_mmap false\nPARAMETER mirostat 1\nMESSAGE user hi\nMESSAGE assistant hello\n"
        "RENDERER r\nPARSER p\nREQUIRES v0.14.0",
        tmp_path,
    )
    assert made.warnings == ("warning: parameter mirostat is deprecated",)
    expected: dict[str, Json] = {
        "from": "base",
        "template": "{{ .Prompt }}",
        "system": "be kind",
        "license": ["one", "two"],
        "parameters": {"stop": ["a", "b"], "top_k": 20, "temperature": 1.0, "use_mmap": False},
        "messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}],
        "renderer": "r",
        "parser": "p",
        "requires": "0.14.0",
    }
    assert made.to_json({}) == expected


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("PARAMETER nonsense 1", "(line 2): unknown parameter 'nonsense'"),
        ("PARAMETER num_gqa 8", "unknown parameter 'num_gqa'"),
        ("PARAMETER top_k many", "invalid int value [many]"),
        ("PARAMETER temperature hot", "invalid float value [hot]"),
        ("PARAMETER use_mmap maybe", "invalid bool value [maybe]"),
        ("PARAMETER num_ctx -1", "must be between"),
        ("REQUIRES soon", "requires must be a valid semver (e.g. 0.14.0)"),
        ("REQUIRES 1.2", "requires must be a valid semver"),
    ],
)
def test_bad_values_name_their_line(tmp_path: Path, line: str, message: str) -> None:
    assert message in refused(f"FROM base\n{line}", tmp_path)


def test_the_request_holds_digests_only(tmp_path: Path) -> None:
    file, lora = gguf(tmp_path / "m.gguf", "model"), gguf(tmp_path / "lora.gguf", "lora")
    made = draft("FROM m.gguf\nADAPTER lora.gguf", tmp_path)
    digests = hash_files(made.paths)
    assert made.to_json(digests) == {
        "files": {"m.gguf": str(Digest.of(file.read_bytes()))},
        "adapters": {"lora.gguf": str(Digest.of(lora.read_bytes()))},
    }
    assert str(tmp_path) not in str(made.to_json(digests))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["FROM", "FROM x\nADAPTER", "FROM x\nDRAFT", "FROM x\nPARAMETER top_k"]), st.text())
def test_any_value_is_taken_or_refused(tmp_path: Path, head: str, value: str) -> None:
    try:
        modelfile = parse(f"{head} {value}")
        build(modelfile, tmp_path, home=tmp_path)
    except ModelfileError:
        return
    assert modelfile.commands
