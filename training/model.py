"""The model: a llama-architecture decoder and its loss, in JAX.

Rotary positions turn neighbouring pairs of a head's numbers (2i, 2i+1), as llama.cpp does for this
architecture, so that the weights are exported as they are. Matrix products run in bfloat16, sums and norms
in float32.
"""

from dataclasses import dataclass
from typing import TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

Params: TypeAlias = dict[str, jax.Array]


@dataclass(frozen=True)
class Shape:
    """The sizes of the model."""

    vocabulary: int
    width: int = 192
    layers: int = 5
    heads: int = 3
    inner: int = 512
    base: float = 10000.0
    epsilon: float = 1e-5

    @property
    def head(self) -> int:
        """Numbers per head."""
        return self.width // self.heads


def init(shape: Shape, seed: int) -> Params:
    """Random weights. Matrices are (in, out); names end as in GGUF."""
    rng = np.random.default_rng(seed)

    def normal(rows: int, columns: int, scale: float) -> jax.Array:
        return jnp.asarray(rng.normal(0.0, scale, (rows, columns)), jnp.float32)

    width, inner = shape.width, shape.inner
    params = {"token_embd": normal(shape.vocabulary, width, 0.02), "output_norm": jnp.ones(width)}
    last = 0.02 / (2 * shape.layers) ** 0.5
    for layer in range(shape.layers):
        name = f"blk.{layer}."
        params |= {name + "attn_norm": jnp.ones(width), name + "ffn_norm": jnp.ones(width)}
        params |= {name + f"attn_{kind}": normal(width, width, width**-0.5) for kind in ("q", "k", "v")}
        params |= {name + f"ffn_{kind}": normal(width, inner, width**-0.5) for kind in ("gate", "up")}
        params |= {
            name + "attn_output": normal(width, width, last),
            name + "ffn_down": normal(inner, width, last),
        }
    return params


def _norm(x: jax.Array, gain: jax.Array, epsilon: float) -> jax.Array:
    return x * jax.lax.rsqrt(jnp.mean(x * x, axis=-1, keepdims=True) + epsilon) * gain


def _matmul(x: jax.Array, weights: jax.Array) -> jax.Array:
    return jnp.matmul(x.astype(jnp.bfloat16), weights.astype(jnp.bfloat16)).astype(jnp.float32)


def _angles(length: int, shape: Shape) -> tuple[jax.Array, jax.Array]:
    frequency = shape.base ** (-np.arange(0, shape.head, 2) / shape.head)
    angle = np.arange(length)[:, None] * frequency[None, :]
    cos, sin = np.cos(angle)[None, :, None, :], np.sin(angle)[None, :, None, :]
    return jnp.asarray(cos, jnp.float32), jnp.asarray(sin, jnp.float32)


def _rotate(x: jax.Array, cos: jax.Array, sin: jax.Array) -> jax.Array:
    even, odd = x[..., 0::2], x[..., 1::2]
    turned = jnp.stack((even * cos - odd * sin, even * sin + odd * cos), axis=-1)
    return turned.reshape(x.shape)


def _attend(params: Params, name: str, x: jax.Array, mask: jax.Array, shape: Shape) -> jax.Array:
    batch, length, width = x.shape
    cos, sin = _angles(length, shape)

    def heads(kind: str) -> jax.Array:
        return _matmul(x, params[name + f"attn_{kind}"]).reshape(batch, length, shape.heads, shape.head)

    query, key = (_rotate(heads(kind), cos, sin) for kind in ("q", "k"))
    scores = jnp.einsum("bqhd,bkhd->bhqk", query, key) * shape.head**-0.5
    weights = jax.nn.softmax(scores + mask, axis=-1)
    mixed = jnp.einsum("bhqk,bkhd->bqhd", weights, heads("v"))
    return _matmul(mixed.reshape(batch, length, width), params[name + "attn_output"])


def _feed(params: Params, name: str, x: jax.Array) -> jax.Array:
    gate = jax.nn.silu(_matmul(x, params[name + "ffn_gate"]))
    return _matmul(gate * _matmul(x, params[name + "ffn_up"]), params[name + "ffn_down"])


def logits(params: Params, tokens: jax.Array, documents: jax.Array, shape: Shape) -> jax.Array:
    """Next-token logits (batch, length, vocabulary); a token sees only earlier ones of its own document."""
    length = tokens.shape[1]
    same = documents[:, :, None] == documents[:, None, :]
    mask = jnp.where(same & jnp.tril(jnp.ones((length, length), bool)), 0.0, -1e9)[:, None]
    x = params["token_embd"][tokens]
    for layer in range(shape.layers):
        name = f"blk.{layer}."
        x += _attend(params, name, _norm(x, params[name + "attn_norm"], shape.epsilon), mask, shape)
        x += _feed(params, name, _norm(x, params[name + "ffn_norm"], shape.epsilon))
    return _matmul(_norm(x, params["output_norm"], shape.epsilon), params["token_embd"].T)


def loss(params: Params, batch: dict[str, jax.Array], shape: Shape) -> jax.Array:
    """Weighted mean cross entropy; `weight[t]` is that of predicting token t from those before it."""
    scores = logits(params, batch["tokens"][:, :-1], batch["documents"][:, :-1], shape)
    chosen = jnp.take_along_axis(scores, batch["tokens"][:, 1:, None], axis=-1)[..., 0]
    cost = jax.nn.logsumexp(scores, axis=-1) - chosen
    weight = batch["weight"][:, 1:]
    return jnp.sum(cost * weight) / jnp.maximum(jnp.sum(weight), 1.0)
