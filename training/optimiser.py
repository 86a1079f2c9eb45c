"""The optimiser: Muon for the matrices inside the blocks, Adam for the embedding and the norms.

Muon moves a matrix along its momentum made orthogonal by five Newton-Schulz steps (Jordan and others, 2024);
on this corpus it needs far fewer tokens than Adam alone.
"""

from typing import TypeAlias

import jax
import jax.numpy as jnp

from training.model import Params

State: TypeAlias = dict[str, Params]
MUON_RATE, ADAM_RATE, DECAY = 0.006, 0.0015, 0.02


def start(params: Params) -> State:
    """Zero moments, and the moving average of the weights that is exported."""
    zeros = {name: jnp.zeros_like(value) for name, value in params.items()}
    squares = {name: jnp.zeros_like(value) for name, value in params.items() if not _inside(name, value)}
    return {"momentum": zeros, "square": squares, "average": dict(params)}


def _inside(name: str, value: jax.Array) -> bool:
    return name.startswith("blk.") and value.ndim == 2


def _orthogonal(matrix: jax.Array) -> jax.Array:
    x = matrix.astype(jnp.bfloat16)
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    x = x / (jnp.linalg.norm(x.astype(jnp.float32)) + 1e-7).astype(jnp.bfloat16)
    for _ in range(5):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return jnp.asarray(x.T if tall else x, jnp.float32)


def step(
    params: Params, state: State, grads: Params, scale: jax.Array, count: jax.Array
) -> tuple[Params, State]:
    """One update; `scale` is the schedule's factor in [0, 1], `count` the number of this step from 1."""
    new: Params = {}
    momentum, square, average = dict(state["momentum"]), dict(state["square"]), dict(state["average"])
    keep = jnp.minimum(0.995, count / (count + 20.0))
    for name, value in params.items():
        if _inside(name, value):
            momentum[name] = 0.95 * momentum[name] + grads[name]
            move = _orthogonal(0.95 * momentum[name] + grads[name])
            ratio = max(1.0, value.shape[1] / value.shape[0]) ** 0.5
            new[name] = value - scale * MUON_RATE * (ratio * move + DECAY * value)
        else:
            momentum[name] = 0.9 * momentum[name] + 0.1 * grads[name]
            square[name] = 0.98 * square[name] + 0.02 * grads[name] ** 2
            first, second = momentum[name] / (1 - 0.9**count), square[name] / (1 - 0.98**count)
            new[name] = value - scale * ADAM_RATE * first / (jnp.sqrt(second) + 1e-8)
        average[name] = keep * average[name] + (1 - keep) * new[name]
    return new, {"momentum": momentum, "square": square, "average": average}
