"""Exports the weights' average of the last checkpoint as a GGUF file, in a store that ships with the package.

    python -m training.export

The store has Ollama's layout. Blobs are written first and the manifest last; what it no longer names goes.
"""

import hashlib
import json
import secrets
import sys
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from hearth.gguf import Array, MetadataValue, TensorSource, TensorType, ValueType, write_gguf
from training import model, tokenizer, train
from training.chat import END_OF_TEXT, IM_END

HERE = Path(__file__).parent
STORE = HERE.parent / "src" / "hearth" / "embedded"
CONTEXT = 2048
BLOCK = 32
MEDIA = "application/vnd.ollama.image."
PARAMETERS = {"num_ctx": CONTEXT, "stop": [IM_END], "temperature": 0}


def q8_0(matrix: np.ndarray) -> bytes:
    """`matrix`, float32 with rows of a multiple of 32, in ggml's Q8_0: per block an f16 scale and 32 int8."""
    blocks = matrix.reshape(-1, BLOCK).astype(np.float32)
    scale = np.abs(blocks).max(axis=1, keepdims=True) / 127.0
    inverse = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0)
    packed = np.zeros(len(blocks), np.dtype([("scale", "<f2"), ("values", "i1", BLOCK)]))
    packed["scale"] = scale[:, 0].astype(np.float16)
    packed["values"] = np.rint(blocks * inverse).astype(np.int8)
    return packed.tobytes()


def tensors(weights: dict[str, np.ndarray]) -> list[TensorSource]:
    """The tensors of the file: matrices as Q8_0, one row per output, and norms as F32."""
    found = []
    for name, value in weights.items():
        if value.ndim == 1:
            source = TensorSource(
                f"{name}.weight", value.shape, TensorType.F32, [value.astype("<f4").tobytes()]
            )
        else:
            rows = value if name == "token_embd" else value.T
            shape = (rows.shape[1], rows.shape[0])
            source = TensorSource(
                f"{name}.weight", shape, TensorType.Q8_0, [q8_0(np.ascontiguousarray(rows))]
            )
        found.append(source)
    return found


def vocabulary(words: Tokenizer) -> tuple[list[str], list[int], list[str]]:
    """Tokens in order, their types (1 normal, 3 control, 4 user defined) and the merges, as in GGUF."""
    state = json.loads(words.to_str())
    tokens = [words.id_to_token(i) or "" for i in range(words.get_vocab_size())]
    types = [3 if token in tokenizer.CONTROL else 4 if token in tokenizer.MARKS else 1 for token in tokens]
    return tokens, types, [" ".join(pair) for pair in state["model"]["merges"]]


def metadata(words: Tokenizer, shape: model.Shape, parameters: int) -> dict[str, MetadataValue]:
    """Everything the file says about the model."""
    tokens, types, merges = vocabulary(words)
    end, text_end = tokens.index(IM_END), tokens.index(END_OF_TEXT)
    return {
        "general.architecture": "llama",
        "general.type": "model",
        "general.name": "guide",
        "general.basename": "guide",
        "general.description": "The help and smoke-test model of Hearth; it knows nothing else.",
        "general.size_label": size_label(parameters),
        "general.license": "mit",
        "general.languages": ["en"],
        "general.file_type": 7,
        "general.quantization_version": 2,
        "llama.block_count": shape.layers,
        "llama.context_length": CONTEXT,
        "llama.embedding_length": shape.width,
        "llama.feed_forward_length": shape.inner,
        "llama.attention.head_count": shape.heads,
        "llama.attention.head_count_kv": shape.heads,
        "llama.attention.layer_norm_rms_epsilon": shape.epsilon,
        "llama.rope.dimension_count": shape.head,
        "llama.rope.freq_base": shape.base,
        "llama.vocab_size": len(tokens),
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "qwen2",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": Array(ValueType.INT32, types),
        "tokenizer.ggml.merges": merges,
        "tokenizer.ggml.bos_token_id": text_end,
        "tokenizer.ggml.eos_token_id": end,
        "tokenizer.ggml.eot_token_id": end,
        "tokenizer.ggml.padding_token_id": text_end,
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.chat_template": (HERE / "template.jinja").read_text(encoding="utf-8").rstrip("\n"),
    }


def size_label(parameters: int) -> str:
    """The number of parameters for people, such as 2.5M."""
    return f"{parameters / 1e6:.1f}M"


def _place(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{secrets.token_hex(8)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary.write_bytes(data)
    temporary.replace(path)


def _blob(data: bytes, media: str) -> dict[str, Any]:
    digest = hashlib.sha256(data).hexdigest()
    _place(STORE / "blobs" / f"sha256-{digest}", data)
    return {"mediaType": media, "digest": f"sha256:{digest}", "size": len(data)}


def _text(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def write_store(gguf: bytes, parameters: int) -> None:
    """Make the store hold exactly the model guide:latest."""
    licence = (HERE.parent / "LICENSE").read_bytes()
    config = {
        "model_format": "gguf",
        "model_family": "llama",
        "model_families": ["llama"],
        "model_type": size_label(parameters),
        "file_type": "Q8_0",
        "architecture": "amd64",
        "os": "linux",
    }
    config_layer = _blob(_text(config), "application/vnd.docker.container.image.v1+json")
    layers = [
        _blob(gguf, MEDIA + "model"),
        _blob(licence, MEDIA + "license"),
        _blob(_text(PARAMETERS), MEDIA + "params"),
    ]
    media = "application/vnd.docker.distribution.manifest.v2+json"
    manifest = {"schemaVersion": 2, "mediaType": media, "config": config_layer, "layers": layers}
    _place(STORE / "manifests" / "registry.ollama.ai" / "library" / "guide" / "latest", _text(manifest))
    named = {part["digest"].replace(":", "-") for part in [config_layer, *layers]}
    for blob in (STORE / "blobs").iterdir():
        if blob.name not in named:
            blob.unlink()


def main() -> None:
    """Export the last checkpoint."""
    words = tokenizer.load()
    weights = train.restore(train.CHECKPOINT)["average"]
    parameters = sum(value.size for value in weights.values())
    file = tokenizer.RUNS / "guide.gguf"
    size = write_gguf(
        file, metadata(words, model.Shape(words.get_vocab_size()), parameters), tensors(weights)
    )
    write_store(file.read_bytes(), parameters)
    sys.stdout.write(f"guide: {parameters} parameters, {size} bytes\n")


if __name__ == "__main__":
    main()
