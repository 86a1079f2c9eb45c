"""The timings after an answer."""

from __future__ import annotations

from hearth.cli.stats import summary


def test_every_metric_has_its_line() -> None:
    assert summary(
        {
            "total_duration": 1_500_000_000,
            "load_duration": 12_300_000,
            "prompt_eval_count": 26,
            "prompt_eval_duration": 130_000_000,
            "eval_count": 100,
            "eval_duration": 2_000_000_000,
        }
    ) == [
        "total duration:       1.5s",
        "load duration:        12.3ms",
        "prompt eval count:    26 token(s)",
        "prompt eval duration: 130ms",
        "prompt eval rate:     200.00 tokens/s",
        "eval count:           100 token(s)",
        "eval duration:        2s",
        "eval rate:            50.00 tokens/s",
    ]


def test_zeros_are_left_out() -> None:
    assert summary({"done": True, "eval_count": 0, "total_duration": 5}) == ["total duration:       5ns"]
    assert summary({}) == []
