"""Asks the exported model the held-out questions, in the real engine, and prints how many it answers rightly.

    python -m training.evaluate [--model FILE] [--wrong] [--every N]

Every question is asked twice, with thinking and without, greedily. Help, greetings and refusals are right
when the whole answer is, white space apart; tool calls when the name and all arguments are.
"""

import argparse
import asyncio
import json
import sys
from collections import defaultdict
from pathlib import Path

from hearth.engine.builtin import BuiltinEngine, BuiltinRunner
from hearth.engine.contract import Completion, RunnerSpec
from hearth.messages import Json
from training.cases import Case, cases
from training.export import STORE

SLOTS = 4


def embedded() -> Path:
    """The weights of the shipped model."""
    manifest = json.loads((STORE / "manifests/registry.ollama.ai/library/guide/latest").read_bytes())
    layer = next(part for part in manifest["layers"] if part["mediaType"].endswith(".model"))
    return STORE / "blobs" / str(layer["digest"]).replace(":", "-")


async def _ask(runner: BuiltinRunner, case: Case, thinking: bool, turn: asyncio.Semaphore) -> str:
    async with turn:
        prompt = await runner.render(case.messages, case.tools, {"enable_thinking": thinking})
        sampling: dict[str, Json] = {"temperature": 0, "n_predict": 400, "stop": ["<|im_end|>"]}
        pieces = [chunk.text async for chunk in runner.complete(Completion(prompt, sampling=sampling))]
    return "".join(pieces)


def well_formed(output: str) -> bool:
    """Whether the output starts with one closed deliberation and goes on with an answer."""
    head, mark, answer = output.partition("</think>")
    return head.startswith("<think>\n") and bool(mark) and bool(answer.strip()) and "think>" not in answer


async def examine(model: Path, every: int = 1) -> list[tuple[Case, bool, str]]:
    """Every `every`th case with the mode (thinking or not) and the output."""
    runner = await BuiltinEngine().load(RunnerSpec(model, context=2048, slots=SLOTS))
    try:
        turn = asyncio.Semaphore(SLOTS)
        asked = [(case, thinking) for thinking in (False, True) for case in cases()[::every]]
        outputs = await asyncio.gather(*(_ask(runner, case, thinking, turn) for case, thinking in asked))
    finally:
        await runner.close()
    return [(case, thinking, output) for (case, thinking), output in zip(asked, outputs, strict=True)]


def run(model: Path, every: int = 1) -> list[tuple[Case, bool, str]]:
    """`examine`, from code that is not asynchronous."""
    return asyncio.run(examine(model, every))


def report(results: list[tuple[Case, bool, str]], show_wrong: bool) -> None:
    """Print the shares of right answers by kind, and the wrong answers if wanted."""
    scores: dict[str, list[bool]] = defaultdict(list)
    for case, thinking, output in results:
        right = case.right(output)
        scores[case.kind].append(right)
        scores[f"all, {'thinking' if thinking else 'direct'}"].append(right)
        scores["all"].append(right)
        if thinking:
            scores["thinking well formed"].append(well_formed(output))
        if show_wrong and not right:
            sys.stdout.write(f"[{case.kind}] {case.messages[-1].content}\n    {output!r}\n")
    for kind, marks in scores.items():
        sys.stdout.write(
            f"{kind:22} {sum(marks):4} of {len(marks):4}  {100 * sum(marks) / len(marks):5.1f} %\n"
        )


def main() -> None:
    """Read the command line and examine."""
    parser = argparse.ArgumentParser(description="Examine the embedded model on the held-out questions.")
    parser.add_argument("--model", type=Path, help="a GGUF file instead of the shipped one")
    parser.add_argument("--wrong", action="store_true", help="print the wrong answers too")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth question")
    options = parser.parse_args()
    report(run(options.model or embedded(), options.every), options.wrong)


if __name__ == "__main__":
    main()
