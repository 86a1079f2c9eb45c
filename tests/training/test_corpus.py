"""The corpus is reproducible, keeps the held-out questions out, and its answers are what it claims."""

import json
import re
from itertools import islice

import pytest
from training.chat import Sample, prompt
from training.corpus import documents, forbidden, heldout, normalised, samples
from training.kinds.help import REFUSAL
from training.knowledge import topics


@pytest.fixture(scope="module")
def some() -> list[Sample]:
    return list(islice(samples(42), 3000))


def test_the_same_seed_gives_the_same_documents() -> None:
    assert list(islice(documents(5), 200)) == list(islice(documents(5), 200))
    assert list(islice(documents(5), 200)) != list(islice(documents(6), 200))


def test_no_heldout_question_is_generated(some: list[Sample]) -> None:
    asked = {normalised(text) for sample in some for role, text in sample.turns if role == "user"}
    assert not asked & forbidden()


def test_heldout_questions_are_compared_without_case_and_punctuation() -> None:
    assert normalised("  What's GGUF ?") == normalised("whats gguf") == "whats gguf"
    assert normalised("What's GGUF?") in forbidden()


def test_every_topic_is_examined() -> None:
    for kind in ("help", "greeting"):
        names = {topic.name for topic in topics() if topic.kind == kind}
        assert set(heldout()[kind]) <= names
    assert {topic.name for topic in topics() if topic.kind == "help"} == set(heldout()["help"])


def test_every_kind_occurs(some: list[Sample]) -> None:
    kinds = {
        "help",
        "greeting",
        "refusal",
        "tools",
        "result",
        "idle",
        "memory",
        "echo",
        "count",
        "persona",
        "json",
    }
    assert {sample.kind for sample in some} == kinds


def test_calls_fit_the_offered_tools(some: list[Sample]) -> None:
    called = [sample for sample in some if sample.kind == "tools"]
    assert called
    for sample in called:
        offered = {tool["function"]["name"]: tool["function"] for tool in sample.tools}
        for call in sample.calls:
            properties = offered[call.name].get("parameters", {}).get("properties", {})
            assert list(call.arguments) == list(properties)
            assert f'"arguments": {json.dumps(call.arguments, ensure_ascii=False)}' in sample.answer


def test_arguments_can_be_copied_from_the_request(some: list[Sample]) -> None:
    texts = [
        (str(value).lower(), sample.turns[-1][1].lower())
        for sample in some
        if sample.kind == "tools"
        for call in sample.calls
        for value in call.arguments.values()
        if not isinstance(value, int) and value != "celsius"
    ]
    assert texts
    assert all(value in asked for value, asked in texts)


def test_thoughts_are_one_line(some: list[Sample]) -> None:
    assert all(sample.thought and "\n" not in sample.thought for sample in some)


def test_refusals_name_hearth(some: list[Sample]) -> None:
    refused = [sample for sample in some if sample.kind == "refusal"]
    assert refused
    assert {sample.answer for sample in refused} == {REFUSAL}
    assert "I only know Hearth" in REFUSAL


def test_nothing_is_left_of_the_pattern_notation(some: list[Sample]) -> None:
    for sample in some:
        if sample.kind in ("help", "greeting", "refusal", "memory", "persona", "count"):
            assert not re.search(r"[(|][a-z]+\||\{\d?\}", sample.turns[-1][1]), sample.turns[-1][1]


def test_prompt_without_thinking_closes_the_thought() -> None:
    sample = Sample("", [("user", "Hi")], "", "")
    assert prompt(sample, thinking=False) == prompt(sample, thinking=True) + "<think>\n\n</think>\n\n"
