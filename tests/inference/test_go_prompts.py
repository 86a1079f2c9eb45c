"""Models with a Go template on the whole road: real engine, real scheduler."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.support.models import make_llama
from tests.support.tokenizers import CHATML

from hearth.engine.builtin import BuiltinEngine
from hearth.errors import TemplateError, Unsupported
from hearth.inference.catalog import Catalog
from hearth.inference.plan import Defaults
from hearth.inference.service import Inference
from hearth.library import Layer, Library, MediaType, ModelConfig
from hearth.messages import (
    ChatRequest,
    Event,
    Finished,
    GenerateRequest,
    Message,
    Rendered,
    Sampling,
    Think,
    Tool,
)
from hearth.names import ModelName
from hearth.scheduler.service import Scheduler
from hearth.scheduler.wants import Limits

pytestmark = pytest.mark.slow
TURN = "{{ if .System }}<s>{{ .System }}</s>{{ end }}<u>{{ .Prompt }}</u><a>{{ .Response }}</a>"
TALK = (
    "{{ if .Tools }}{{ .Tools }}{{ end }}{{ range .Messages }}<{{ .Role }}>"
    "{{ if .Thinking }}<think>{{ .Thinking }}</think>{{ end }}{{ .Content }}{{ end }}"
    "|{{ .Think }},{{ .ThinkLevel }},{{ .IsThinkSet }}"
)
MODELS = {
    "turn": (None, TURN),
    "talk": (None, TALK),
    "fill": (None, "{{ if .Suffix }}<p>{{ .Prompt }}<s>{{ .Suffix }}<m>{{ else }}{{ .Prompt }}{{ end }}"),
    "jinja": (CHATML, ""),
    "both": (CHATML, TURN),
    "abler": ("{{ tools }}" + CHATML, TURN),
    "broken": (None, "\n{{ if }}"),
}


def store(library: Library, directory: Path, models: Mapping[str, tuple[str | None, str]]) -> None:
    """Put tiny models with these templates (Jinja, Go) into a library."""
    for name, (jinja, go) in models.items():
        weights = make_llama(directory / f"{name}.gguf", template=jinja)
        layers = [Layer(MediaType.MODEL, *library.add_file(weights, move=True))]
        if go:
            layers.append(Layer(MediaType.TEMPLATE, *library.add_bytes(go.encode())))
        library.put(ModelName.parse(name), ModelConfig(model_family="llama"), layers)


@asynccontextmanager
async def road(directory: Path, prefer_go: bool | None = None) -> AsyncIterator[Inference]:
    async def defaults() -> Defaults:
        return Defaults(context=256, slots=1)

    with Library(directory / "models", embedded=None) as library:
        store(library, directory, MODELS)
        limits = Limits(max_loaded=2, max_queue=8, keep_alive=60.0, load_timeout=None)
        inference = Inference(Catalog(library, prefer_go), Scheduler(BuiltinEngine(), limits), defaults)
        yield inference
        await inference.close()


@pytest.fixture
async def inference(tmp_path: Path) -> AsyncIterator[Inference]:
    """The road to all models."""
    async with road(tmp_path) as made:
        yield made


def prompt_of(events: list[Event]) -> str:
    assert len(events) == 1
    assert isinstance(events[0], Rendered)
    return events[0].prompt


async def chat_prompt(inference: Inference, request: ChatRequest) -> str:
    return prompt_of([event async for event in inference.chat(request)])


async def prompt(inference: Inference, request: GenerateRequest) -> str:
    return prompt_of([event async for event in inference.generate(request)])


def asked(model: str, *turns: str, tools: tuple[Tool, ...] = (), think: Think | None = None) -> ChatRequest:
    roles = {"s": "system", "u": "user", "a": "assistant"}
    messages = tuple(Message(roles[turn[0]], turn[2:]) for turn in turns)
    return ChatRequest(model, messages, tools, think=think, render_only=True)


async def test_a_conversation_is_rendered_by_the_template_in_force(inference: Inference) -> None:
    turns = ("s:S", "u:1", "a:2", "u:3")
    assert await chat_prompt(inference, asked("turn", *turns)) == "<s>S</s><u>1</u><a>2</a><u>3</u><a>"
    assert await chat_prompt(inference, asked("both", *turns)) == "<s>S</s><u>1</u><a>2</a><u>3</u><a>"
    assert "<|im_start|>user\n3<|im_end|>" in await chat_prompt(inference, asked("jinja", *turns))
    assert "<|im_start|>user\n3<|im_end|>" in await chat_prompt(inference, asked("abler", *turns))


async def test_tools_and_thinking_reach_the_template(inference: Inference) -> None:
    tool = '[{"type":"function","function":{"name":"f","parameters":{"type":"","properties":{}}}}]'
    prompt = await chat_prompt(inference, asked("talk", "u:1", tools=(Tool("f"),)))
    assert prompt == tool + "<user>1|true,medium,true"
    assert await chat_prompt(inference, asked("talk", "u:1", think="high")) == "<user>1|true,high,true"
    assert await chat_prompt(inference, asked("talk", "u:1", think=False)) == "<user>1|false,,true"


async def test_what_the_template_does_not_know_is_refused(inference: Inference) -> None:
    with pytest.raises(Unsupported, match="does not support tools"):
        await chat_prompt(inference, asked("turn", "u:1", tools=(Tool("f"),)))
    with pytest.raises(Unsupported, match="does not support thinking"):
        await chat_prompt(inference, asked("turn", "u:1", think=True))


async def test_a_template_that_cannot_be_parsed_is_an_error_when_it_is_needed(inference: Inference) -> None:
    with pytest.raises(TemplateError, match=r"template error: line 2: a value is missing"):
        await chat_prompt(inference, asked("broken", "u:1"))
    assert await prompt(inference, GenerateRequest("broken", "1", raw=True, render_only=True)) == "1"


async def test_a_request_brings_its_own_template(inference: Inference) -> None:
    for model in ("jinja", "turn", "broken"):
        request = GenerateRequest(
            model, "1", template="[{{ .System }}]{{ .Prompt }}", system="S", render_only=True
        )
        assert await prompt(inference, request) == "[S]1"
    talk = "{{ range .Messages }}{{ .Role }}:{{ .Content }};{{ end }}"
    request = GenerateRequest("jinja", "1", template=talk, system="S", render_only=True)
    assert await prompt(inference, request) == "system:S;user:1;"


async def test_a_wrong_template_in_a_request_is_refused_before_the_model_is_loaded(
    inference: Inference,
) -> None:
    with pytest.raises(
        TemplateError, match='template error: line 1: function "nope" is not defined'
    ) as caught:
        await prompt(inference, GenerateRequest("jinja", "1", template="{{ nope }}"))
    assert caught.value.status == 400
    assert inference.residents() == []
    with pytest.raises(TemplateError, match=r"line 1: a value of type string has no field \.x"):
        await prompt(inference, GenerateRequest("jinja", "1", template="{{ .Prompt.x }}", render_only=True))


async def test_a_template_fills_in(inference: Inference) -> None:
    request = GenerateRequest("fill", "def f(", suffix="return", render_only=True)
    assert await prompt(inference, request) == "<p>def f(<s>return<m>"
    with pytest.raises(Unsupported, match="does not support insert"):
        await prompt(inference, GenerateRequest("turn", "a", suffix="b", render_only=True))


async def test_an_answer_comes_back(inference: Inference) -> None:
    sampling = Sampling(options={"num_predict": 4, "seed": 1})
    request = ChatRequest("talk", (Message("user", "hello"),), (Tool("f"),), sampling=sampling)
    events = [event async for event in inference.chat(request)]
    assert isinstance(events[-1], Finished)
    assert events[-1].usage.prompt_tokens > 10


@pytest.mark.parametrize(("setting", "start"), [(True, "<u>"), (False, "<|im_start|>")])
async def test_the_setting_decides(tmp_path: Path, setting: bool, start: str) -> None:
    async with road(tmp_path, prefer_go=setting) as inference:
        for model in ("both", "abler"):
            assert (await chat_prompt(inference, asked(model, "u:1"))).startswith(start)
