"""The type of every tensor equals what llama.cpp's quantiser chooses.

mixes.json holds what llama.cpp (build 11549) chose without an importance matrix for the tables in `tables`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.modelfile.quantise.tables import MODELS, matrix, summary, table

from hearth.errors import BadRequest, GGUFError
from hearth.gguf import FileType, TensorType
from hearth.modelfile.quantise import Facts, plan_types
from hearth.modelfile.quantise.kinds import BASE_TYPES
from hearth.modelfile.quantise.plan import choose_types

EXPECTED: dict[str, dict[str, dict[str, str]]] = json.loads(
    (Path(__file__).parent / "mixes.json").read_text(encoding="utf-8")
)
NEEDING_IMPORTANCE = ("IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ2_M", "IQ3_XXS", "IQ3_XS", "Q2_K_S")


def test_llama_cpp_was_asked_for_every_file_type() -> None:
    assert all(set(kinds) == {kind.name for kind in BASE_TYPES} for kinds in EXPECTED.values())
    assert set(EXPECTED) == set(MODELS)


@pytest.mark.parametrize("model", MODELS)
def test_mix(model: str) -> None:
    facts = MODELS[model]
    tensors = table(facts)
    for kind in BASE_TYPES:
        assert summary(choose_types(tensors, facts, kind)) == EXPECTED[model][kind.name], kind.name


def test_the_order_of_the_file_does_not_matter() -> None:
    facts = MODELS["llama-8b"]
    tensors = table(facts)
    assert choose_types(tensors[::-1], facts, FileType.Q4_K_M) == choose_types(
        tensors, facts, FileType.Q4_K_M
    )


def test_norms_and_routers_keep_their_type() -> None:
    facts = MODELS["mixtral-8x7b"]
    types = plan_types(table(facts), facts, FileType.Q4_0)
    assert types["blk.0.attn_norm.weight"] is TensorType.F16
    assert types["blk.0.ffn_gate_inp.weight"] is TensorType.F16
    assert types["blk.0.ffn_up_exps.weight"] is TensorType.Q4_0


@pytest.mark.parametrize(
    "name",
    [
        "position_embd.weight",
        "token_types.weight",
        "blk.0.ssm_conv1d.weight",
        "blk.0.time_mix_w1.weight",
        "blk.0.altup_proj.weight",
        "v.patch_embd.weight",
        "blk.0.attn_q.bias",
        "blk.0.attn_q_norm.weight",
    ],
)
def test_small_and_sensitive_tensors_keep_their_type(name: str) -> None:
    types = plan_types([matrix(name, 256, 256)], Facts("llama", 1), FileType.Q4_K_M)
    assert types == {name: TensorType.F16}


def test_a_matrix_of_one_row_is_a_vector() -> None:
    types = plan_types([matrix("a.weight", 256, 1)], Facts("llama", 1), FileType.Q8_0)
    assert types == {"a.weight": TensorType.F16}


def test_the_embedding_of_a_model_without_output_matrix_is_treated_as_one() -> None:
    facts = MODELS["llama-8b"]
    assert (
        choose_types(table(facts, tied=True), facts, FileType.Q4_K_M)["token_embd.weight"] is TensorType.Q6_K
    )
    assert choose_types(table(facts), facts, FileType.Q4_K_M)["token_embd.weight"] is TensorType.Q4_K


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("Q4_K_S", "Q5_0"), ("Q5_K_S", "Q5_1"), ("Q6_K", "Q8_0"), ("Q3_K_S", "Q4_0"), ("IQ4_XS", "IQ4_NL")],
)
def test_rows_that_are_no_multiple_of_256_get_a_type_of_smaller_blocks(kind: str, expected: str) -> None:
    types = plan_types([matrix("blk.0.attn_q.weight", 288, 64)], Facts("llama", 32), FileType[kind])
    assert types["blk.0.attn_q.weight"].name == expected


def test_rows_that_are_no_multiple_of_32_become_f16() -> None:
    sources = [matrix("blk.0.attn_q.weight", 100, 64, kind=TensorType.F32)]
    for kind in (FileType.Q4_K_M, FileType.Q8_0, FileType.Q4_0):
        assert plan_types(sources, Facts("llama", 1), kind) == {"blk.0.attn_q.weight": TensorType.F16}


def test_rows_that_no_type_fits() -> None:
    with pytest.raises(BadRequest, match=r"Q1_0 needs rows that are a multiple of 128 .* rows of 96"):
        plan_types([matrix("blk.0.attn_q.weight", 96, 64)], Facts("llama", 1), FileType.Q1_0)


@pytest.mark.parametrize("kind", NEEDING_IMPORTANCE)
def test_types_that_need_an_importance_matrix_are_refused(kind: str) -> None:
    facts = MODELS["llama-7b"]
    with pytest.raises(BadRequest, match=f"{kind} needs an importance matrix"):
        plan_types(table(facts), facts, FileType[kind])


@pytest.mark.parametrize("kind", sorted({k.name for k in BASE_TYPES} - set(NEEDING_IMPORTANCE)))
def test_all_others_are_planned(kind: str) -> None:
    facts = MODELS["mixtral-8x7b"]
    assert set(plan_types(table(facts), facts, FileType[kind])) == {t.name for t in table(facts)}


def test_quantised_sources_are_refused() -> None:
    tensors = [matrix("blk.0.attn_q.weight", 256, 256, kind=TensorType.Q8_0)]
    with pytest.raises(BadRequest, match=r"only supported for F16, BF16 and F32 models.*is Q8_0"):
        plan_types(tensors, Facts("llama", 1), FileType.Q4_0)
    assert plan_types(tensors, Facts("llama", 1), FileType.Q8_0) == {tensors[0].name: TensorType.Q8_0}


@pytest.mark.parametrize("name", ["blk.7.ffn_down_exps.weight", "ffn_down_exps.weight"])
def test_experts_outside_the_layers(name: str) -> None:
    with pytest.raises(GGUFError, match="none of the 4 layers"):
        plan_types([matrix(name, 256, 256, 8)], Facts("llama", 4, experts=8), FileType.Q4_K_M)


def test_mxfp4_is_for_experts() -> None:
    tensors = [matrix("blk.0.ffn_up_exps.weight", 256, 256, 4), matrix("blk.0.attn_q.weight", 256, 256)]
    types = plan_types(tensors, Facts("gpt-oss", 1, experts=4), FileType.MXFP4_MOE)
    assert list(types.values()) == [TensorType.Q8_0, TensorType.MXFP4]
