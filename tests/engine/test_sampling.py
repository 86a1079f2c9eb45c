"""Ollama's options as llama.cpp's sampling fields."""

from __future__ import annotations

import pytest

from hearth.engine.sampling import RUNAWAY, sampling_fields


def test_every_option_has_a_value_of_ollamas() -> None:
    fields = sampling_fields({}, 512)
    assert fields["temperature"] == 0.8
    assert fields["min_p"] == 0
    assert fields["repeat_last_n"] == 64
    assert fields["n_predict"] == RUNAWAY * 512


def test_empty_stop_texts_end_nothing() -> None:
    assert sampling_fields({"stop": ["", "end", ""]}, 512)["stop"] == ["end"]
    assert sampling_fields({"stop": [""]}, 512)["stop"] == []


def test_looking_back_without_limit_is_the_whole_context() -> None:
    assert sampling_fields({"repeat_last_n": -1}, 512)["repeat_last_n"] == 512


@pytest.mark.parametrize(("seed", "sent"), [(-1, -1), (-7, -1), (7, 7), (2**32 + 7, 7)])
def test_a_seed_fits_into_32_bits_and_below_zero_is_chance(seed: int, sent: int) -> None:
    assert sampling_fields({"seed": seed}, 512)["seed"] == sent


@pytest.mark.parametrize(("limit", "sent"), [(0, 0), (5, 5), (-1, 5120), (-2, 5120), (10**6, 5120)])
def test_an_answer_has_a_last_token(limit: int, sent: int) -> None:
    assert sampling_fields({"num_predict": limit}, 512)["n_predict"] == sent


@pytest.mark.parametrize(("limit", "sent"), [(-1, 9), (5, 5), (50, 9)])
def test_what_is_left_of_a_window_goes_before_what_is_wanted(limit: int, sent: int) -> None:
    assert sampling_fields({"num_predict": limit}, 512, 9)["n_predict"] == sent
