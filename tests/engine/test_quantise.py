"""Quantising in the child process: what comes out, what is refused, and that nothing is left behind."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import struct
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from tests.support.llama import run_model
from tests.support.models import make_llama
from tests.support.processes import children

import gguf as reference
from hearth.engine.quantise import _handle, quantise
from hearth.errors import BadRequest, EngineError, GGUFError, RequestCancelled, StorageFull
from hearth.gguf import GGUF, I32, U16, FileType, MetadataValue, TensorSource, TensorType, copies, write_gguf
from hearth.modelfile.quantise.kinds import BASE_TYPES

NEEDING_IMPORTANCE = {"IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ2_M", "IQ3_XXS", "IQ3_XS", "Q2_K_S"}
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
NARROW_TYPES = ("Q2_K", "Q3_K_M", "Q4_K_M", "Q5_K_M", "Q6_K", "IQ2_M", "IQ3_XXS", "IQ4_XS", "TQ1_0", "Q2_0")
"""Those that get smaller blocks for rows that are no multiple of 256."""
PLAIN_TYPES = sorted({kind.name for kind in BASE_TYPES} - NEEDING_IMPORTANCE)


def silent(done: int, total: int) -> None:
    """Progress that nobody looks at."""


def test_the_result_is_the_model_in_another_type(tmp_path: Path) -> None:
    source, target = make_llama(tmp_path / "a"), tmp_path / "b"
    seen: list[tuple[int, int]] = []
    quantise(source, target, "q8_0", lambda done, total: seen.append((done, total)))
    with GGUF.open(source) as before, GGUF.open(target) as after:
        changed = {"general.file_type": FileType.Q8_0, "general.quantization_version": 2}
        assert set(before.metadata) | set(changed) == set(after.metadata)
        for key, entry in after.entries.items():
            if key in changed:
                assert entry.value == changed[key]
            else:
                assert entry.raw() == before.entries[key].raw()
        assert [(t.name, t.shape) for t in after.tensors] == [(t.name, t.shape) for t in before.tensors]
        assert after.tensor("blk.0.attn_q.weight").type is TensorType.Q8_0
        assert after.tensor("blk.0.attn_norm.weight").type is TensorType.F32
        assert seen[-1] == (sum(t.size for t in after.tensors),) * 2
    assert seen == sorted(seen)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_every_input_type(tmp_path: Path) -> None:
    for kind in (TensorType.F16, TensorType.BF16):
        quantise(make_llama(tmp_path / "a", tensor_type=kind), tmp_path / "b", "F32", silent)
        with GGUF.open(tmp_path / "a") as before, GGUF.open(tmp_path / "b") as after:
            for tensor in before.tensors:
                got = np.frombuffer(after.read(after.tensor(tensor.name), 0, tensor.elements * 4), np.float32)
                raw = np.frombuffer(before.read(tensor, 0, tensor.size), np.uint8)
                expected = reference.dequantize(raw, reference.GGMLQuantizationType(int(tensor.type)))
                assert np.array_equal(got, expected.view(np.float32))


def test_a_split_model_is_joined(tmp_path: Path) -> None:
    source = make_llama(tmp_path / "whole")
    with GGUF.open(source) as gguf:
        middle = len(gguf.tensors) // 2
        count = I32(len(gguf.tensors))
        for number, sources in enumerate((copies(gguf)[:middle], copies(gguf)[middle:])):
            keys = {"split.no": U16(number), "split.count": U16(2), "split.tensors.count": count}
            write_gguf(tmp_path / f"part{number}", {**({} if number else gguf.entries), **keys}, sources)
    quantise([tmp_path / "part1", tmp_path / "part0"], tmp_path / "b", "Q4_0", silent)
    quantise(source, tmp_path / "c", "Q4_0", silent)
    assert (tmp_path / "b").read_bytes() == (tmp_path / "c").read_bytes()


def test_an_unknown_type(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="unsupported quantization type Q9_Z"):
        quantise(make_llama(tmp_path / "a"), tmp_path / "b", "Q9_Z", silent)


@pytest.mark.parametrize("kind", ["IQ2_XS", "Q2_K_S"])
def test_a_type_that_needs_an_importance_matrix(tmp_path: Path, kind: str) -> None:
    with pytest.raises(BadRequest, match="needs an importance matrix"):
        quantise(make_llama(tmp_path / "a", dim=256, feed_forward=256), tmp_path / "b", kind, silent)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_model_that_is_quantised_already(tmp_path: Path) -> None:
    quantise(make_llama(tmp_path / "a"), tmp_path / "b", "Q8_0", silent)
    with pytest.raises(BadRequest, match="only supported for F16, BF16 and F32 models"):
        quantise(tmp_path / "b", tmp_path / "c", "Q4_0", silent)
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_weights_that_are_no_numbers(tmp_path: Path, value: float) -> None:
    data = struct.pack("<64f", *[0.5] * 63, value)
    sources = [TensorSource("blk.0.attn_q.weight", (32, 2), TensorType.F32, [data])]
    write_gguf(tmp_path / "a", {"general.architecture": "llama"}, sources)
    with pytest.raises(BadRequest, match=r'"blk\.0\.attn_q\.weight" holds values that are not finite'):
        quantise(tmp_path / "a", tmp_path / "b", "Q4_0", silent)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_weights_too_large_for_the_target(tmp_path: Path) -> None:
    data = struct.pack("<64f", *[1e9] * 64)
    sources = [TensorSource("blk.0.attn_q.weight", (32, 2), TensorType.F32, [data])]
    write_gguf(tmp_path / "a", {"general.architecture": "llama"}, sources)
    with pytest.raises(BadRequest, match="too large for F16"):
        quantise(tmp_path / "a", tmp_path / "b", "F16", silent)
    quantise(tmp_path / "a", tmp_path / "b", "BF16", silent)


def test_a_file_cut_by_one_byte_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    source = make_llama(tmp_path / "a")
    with GGUF.open(source) as gguf:
        end = max(tensor.position + tensor.size for tensor in gguf.tensors)
    os.truncate(source, end - 1)
    seen: list[int] = []
    with pytest.raises(GGUFError, match="cut short or damaged"):
        quantise(source, tmp_path / "b", "Q4_0", lambda done, total: seen.append(done))
    assert seen == []
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_cancelling(tmp_path: Path) -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(RequestCancelled):
        quantise(make_llama(tmp_path / "a"), tmp_path / "b", "Q4_0", silent, cancelled)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_progress_callback_that_fails_ends_the_work(tmp_path: Path) -> None:
    def fail(done: int, total: int) -> None:
        raise RuntimeError("nobody listens")

    with pytest.raises(RuntimeError):
        quantise(make_llama(tmp_path / "a"), tmp_path / "b", "Q4_0", fail)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_source_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="No such file") as caught:
        quantise(tmp_path / "nope", tmp_path / "b", "Q4_0", silent)
    assert str(tmp_path) not in caught.value.message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        child = start_child(make_llama(tmp_path / "a"), full.fileno(), FileType.Q8_0)
        assert child.stdout is not None
        last = json.loads(child.stdout.readlines()[-1])
        child.communicate(timeout=30)
    assert last["error"]["kind"] == "StorageFull"
    with pytest.raises(StorageFull, match="disk is full"):
        _handle(last, silent)


def start_child(source: Path, output: int, kind: FileType) -> subprocess.Popen[bytes]:
    job = {"inputs": [str(source)], "output": output, "file_type": int(kind), "threads": 1}
    child = subprocess.Popen(
        [sys.executable, "-m", "hearth.engine.quantiser"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=[output],
    )
    assert child.stdin is not None
    child.stdin.write(json.dumps(job).encode() + b"\n")
    child.stdin.flush()
    return child


def long_work(path: Path) -> Path:
    """A model whose quantising to IQ4_NL takes many seconds."""
    numbers = np.random.default_rng(0).standard_normal(1 << 19).astype(np.float16).tobytes()
    chunks = (numbers for _ in range(128))
    sources = [TensorSource("blk.0.ffn_up.weight", (4096, 16384), TensorType.F16, chunks)]
    write_gguf(path, {"general.architecture": "llama"}, sources)
    return path


@pytest.mark.slow
def test_the_child_ends_when_its_parent_is_gone(tmp_path: Path) -> None:
    with (
        (tmp_path / "b").open("wb") as out,
        start_child(long_work(tmp_path / "a"), out.fileno(), FileType.IQ4_NL) as child,
    ):
        assert child.stdin is not None
        assert child.stdout is not None
        assert b"done" in child.stdout.readline()
        child.stdin.close()
        assert child.wait(timeout=10) == 1


@linux
@pytest.mark.slow
def test_cancelling_in_the_middle(tmp_path: Path) -> None:
    cancelled = threading.Event()
    with pytest.raises(RequestCancelled):
        quantise(long_work(tmp_path / "a"), tmp_path / "b", "IQ4_NL", lambda *_: cancelled.set(), cancelled)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert children("hearth.engine.quantiser") == set()


@linux
@pytest.mark.slow
def test_a_child_that_is_killed(tmp_path: Path) -> None:
    def kill(done: int, total: int) -> None:
        for child in children("hearth.engine.quantiser"):
            os.kill(child, signal.SIGKILL)

    with pytest.raises(EngineError, match="quantising failed"):
        quantise(long_work(tmp_path / "a"), tmp_path / "b", "IQ4_NL", kill)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "width"), [*((kind, 256) for kind in PLAIN_TYPES), *((kind, 96) for kind in NARROW_TYPES)]
)
def test_llama_cpp_runs_every_type(tmp_path: Path, kind: str, width: int) -> None:
    source = make_llama(tmp_path / "a", dim=width, feed_forward=2 * width, tied=False, layers=2)
    quantise(source, tmp_path / "b", kind, silent)
    assert run_model(tmp_path / "b").tokens == 8


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "TQ1_0", "TQ2_0"])
def test_the_bytes_equal_those_of_the_reference_package(tmp_path: Path, kind: str) -> None:
    source = make_llama(tmp_path / "a", dim=256, feed_forward=512, vocab=512)
    quantise(source, tmp_path / "b", kind, silent)
    with GGUF.open(source) as before, GGUF.open(tmp_path / "b") as after:
        compared = 0
        for tensor in after.tensors:
            if tensor.type.name != kind:
                continue
            compared += 1
            origin = before.tensor(tensor.name)
            numbers = np.frombuffer(before.read(origin, 0, origin.size), np.float32)
            rows = numbers.reshape(origin.rows, origin.shape[0])
            expected = reference.quantize(rows, reference.GGMLQuantizationType(int(tensor.type)))
            assert after.read(tensor, 0, tensor.size) == expected.tobytes(), tensor.name
        assert compared > 10


@linux
@pytest.mark.slow
def test_memory_does_not_grow_with_the_model(tmp_path: Path) -> None:
    """128 MiB of weights pass through a child that stays well below them."""
    with (tmp_path / "b").open("wb") as out:
        child = start_child(long_work(tmp_path / "a"), out.fileno(), FileType.Q8_0)
        peak = _peak_bytes(child)
    assert peak < 160 << 20


def _peak_bytes(child: subprocess.Popen[bytes]) -> int:
    """The most memory that a child held until it closed its output."""
    assert child.stdout is not None
    peak = 0
    for _ in child.stdout:
        with contextlib.suppress(OSError):
            pages = Path(f"/proc/{child.pid}/statm").read_text(encoding="ascii").split()[1]
            peak = max(peak, int(pages) * resource.getpagesize())
    child.communicate(timeout=30)
    return peak


def test_stacked_experts_are_quantised_whole(tmp_path: Path) -> None:
    rows = [struct.pack("<64e", *[row / 64] * 64) for row in range(128)]
    metadata: dict[str, MetadataValue] = {
        "general.architecture": "llama",
        "llama.block_count": 1,
        "llama.expert_count": 4,
    }
    sources = [TensorSource("blk.0.ffn_up_exps.weight", (64, 32, 4), TensorType.F16, rows)]
    write_gguf(tmp_path / "a", metadata, sources)
    quantise(tmp_path / "a", tmp_path / "b", "Q8_0", silent)
    with GGUF.open(tmp_path / "b") as gguf:
        tensor = gguf.tensors[0]
        assert (tensor.type, tensor.shape) == (TensorType.Q8_0, (64, 32, 4))
        scales = [struct.unpack("<e", gguf.read(tensor, 68 * row, 2))[0] for row in range(128)]
    assert scales == pytest.approx([row / 64 / 127 for row in range(128)], rel=1e-3)
