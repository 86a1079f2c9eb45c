"""The names of quantisation types."""

from __future__ import annotations

import pytest

from hearth.errors import BadRequest
from hearth.gguf import FileType
from hearth.modelfile.quantise import SUPPORTED, parse_file_type


@pytest.mark.parametrize("name", ["q4_K_M", "Q4_K_M", "q4_k_m", " Q4_K_M ", "q4_k"])
def test_any_case_and_aliases(name: str) -> None:
    assert parse_file_type(name) is FileType.Q4_K_M


@pytest.mark.parametrize(("name", "meant"), [("Q3_K", FileType.Q3_K_M), ("q5_k", FileType.Q5_K_M)])
def test_short_names_mean_the_medium_mix(name: str, meant: FileType) -> None:
    assert parse_file_type(name) is meant


def test_every_supported_name_is_understood() -> None:
    assert {parse_file_type(name).name for name in SUPPORTED} <= set(SUPPORTED)
    assert {"Q4_0", "Q8_0", "IQ4_XS", "TQ1_0", "MXFP4_MOE", "F16", "BF16", "F32"} <= set(SUPPORTED)


@pytest.mark.parametrize("name", ["", "Q4", "Q8_1", "NVFP4", "ALL_F32", "Q4_K_M; rm", "x" * 10_000])
def test_others_are_refused_with_the_list(name: str) -> None:
    with pytest.raises(
        BadRequest, match=r"unsupported quantization type .* - supported types are .*Q4_K_M"
    ) as e:
        parse_file_type(name)
    assert len(str(e.value)) < 600
