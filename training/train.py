"""Trains the model, for a number of minutes, from where the last run stopped.

    python -m training.train --minutes 45 --seed 0

The tokenizer is made first if there is none. Checkpoints go to runs/checkpoint.npz every two minutes, so that
`python -m training.export` may be called while this runs.
"""

import argparse
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from training import model, optimiser, tokenizer
from training.batches import batches

CHECKPOINT = tokenizer.RUNS / "checkpoint.npz"
SAVE_EVERY_S = 120.0


def schedule(done: float) -> float:
    """The factor on the learning rates when the share `done` of the run is over: rise, hold, fall."""
    return min(1.0, done / 0.02 + 0.05, max(0.0, (1.0 - done) / 0.6))


@partial(jax.jit, static_argnames="shape", donate_argnums=(0, 1))
def update(
    params: model.Params,
    state: optimiser.State,
    batch: dict[str, jax.Array],
    scale: jax.Array,
    count: jax.Array,
    shape: model.Shape,
) -> tuple[model.Params, optimiser.State, jax.Array]:
    """One step on one batch; returns new weights, new state and the loss before it."""
    cost, grads = jax.value_and_grad(model.loss)(params, batch, shape)
    params, state = optimiser.step(params, state, grads, scale, count)
    return params, state, cost


def save(path: Path, params: model.Params, state: optimiser.State, progress: dict[str, float]) -> None:
    """Write a checkpoint in full before it takes the old one's place."""
    flat = {f"params/{name}": np.asarray(value) for name, value in params.items()}
    for part, values in state.items():
        flat |= {f"{part}/{name}": np.asarray(value) for name, value in values.items()}
    temporary = path.with_suffix(".tmp.npz")
    flat |= {f"progress/{name}": np.asarray(value) for name, value in progress.items()}
    named: dict[str, Any] = flat
    np.savez(temporary, **named)
    temporary.replace(path)


def restore(path: Path) -> dict[str, dict[str, np.ndarray]]:
    """A checkpoint as part name to tensor name to array."""
    parts: dict[str, dict[str, np.ndarray]] = {}
    with np.load(path) as stored:
        for key in stored.files:
            part, _, name = key.partition("/")
            parts.setdefault(part, {})[name] = stored[key]
    return parts


def _begin(
    shape: model.Shape, seed: int, fresh: bool
) -> tuple[model.Params, optimiser.State, dict[str, float]]:
    if fresh or not CHECKPOINT.exists():
        params = model.init(shape, seed)
        # The weights' average starts as a copy because the step gives its own buffers away.
        state = optimiser.start({name: jnp.copy(value) for name, value in params.items()})
        return params, state, {"step": 0, "seconds": 0, "tokens": 0}
    parts = {
        part: {k: jnp.asarray(v) for k, v in values.items()} for part, values in restore(CHECKPOINT).items()
    }
    progress = {k: float(v) for k, v in parts.pop("progress").items()}
    return parts.pop("params"), parts, progress


def run(minutes: float, seed: int, fresh: bool) -> None:
    """Train until `minutes` of computing are spent, counted over resumed runs."""
    words = tokenizer.load()
    shape = model.Shape(words.get_vocab_size())
    params, state, progress = _begin(shape, seed, fresh)
    stream = batches(words, seed + 1000 + int(progress["step"]))
    last_save = last = time.monotonic()
    for batch in stream:
        done = progress["seconds"] / (minutes * 60)
        if done >= 1:
            break
        progress["step"] += 1
        scale, count = jnp.float32(schedule(done)), jnp.float32(progress["step"])
        params, state, cost = update(
            params, state, {k: jnp.asarray(v) for k, v in batch.items()}, scale, count, shape
        )
        cost.block_until_ready()
        now = time.monotonic()
        progress["tokens"] += float((batch["documents"] >= 0).sum())
        progress["seconds"] += now - last
        last = now
        if progress["step"] % 25 == 0:
            _report(progress, float(cost), batch["tokens"].shape[1])
        if now - last_save > SAVE_EVERY_S:
            save(CHECKPOINT, params, state, progress)
            last_save = now
    save(CHECKPOINT, params, state, progress)


def _report(progress: dict[str, float], cost: float, length: int) -> None:
    speed = progress["tokens"] / max(progress["seconds"], 1e-9)
    sys.stdout.write(f"step {progress['step']:.0f}  {progress['seconds'] / 60:.1f} min  ")
    sys.stdout.write(
        f"{progress['tokens'] / 1e6:.2f} M tokens  {speed:.0f}/s  row {length}  loss {cost:.3f}\n"
    )
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> None:
    """Read the command line (or `arguments`) and train."""
    parser = argparse.ArgumentParser(description="Train the embedded model.")
    parser.add_argument("--minutes", type=float, default=55)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fresh", action="store_true", help="forget the last checkpoint and its tokenizer")
    options = parser.parse_args(arguments)
    if options.fresh or not (tokenizer.RUNS / "tokenizer.json").exists():
        tokenizer.main()
    run(options.minutes, options.seed, options.fresh)


if __name__ == "__main__":
    main()
