"""Options from JSON and from text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.errors import OptionError
from hearth.options import OPTIONS, check, parse

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@pytest.mark.parametrize(
    ("name", "given_value", "value"),
    [
        ("temperature", 1, 1.0), ("temperature", 0.5, 0.5), ("num_ctx", 4096, 4096),
        ("num_ctx", 4096.9, 4096),
        ("use_mmap", False, False), ("stop", ["a", "b"], ["a", "b"]), ("seed", -1, -1), ("top_k", None, None),
    ],
)  # fmt: skip
def test_values_of_the_right_type_pass(name: str, given_value: Any, value: Any) -> None:
    assert check(name, given_value) == value


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("temperature", "hot", 'option "temperature" must be of type float32'),
        ("num_ctx", "4096", 'option "num_ctx" must be of type integer'),
        ("num_ctx", True, 'option "num_ctx" must be of type integer'),
        ("use_mmap", 1, 'option "use_mmap" must be of type boolean'),
        ("stop", "x", 'option "stop" must be of type array'),
        ("stop", ["x", 1], 'option "stop" must be of an array of strings'),
        ("num_ctx", 0, 'option "num_ctx" must be between 1 and'),
        ("num_ctx", 2**63, 'option "num_ctx" must be between 1 and 2147483647, not 9223372036854775808'),
        (
            "num_ctx",
            10**400,
            'option "num_ctx" must be between 1 and 2147483647, not 10000000000000000000...',
        ),
        ("temperature", 10**400, "must be between 0 and 1e+06, not"),
        ("num_ctx", float("inf"), "must be between 1 and 2147483647, not inf"),
        ("temperature", float("nan"), "must be of type float32"),
        ("temperature", -1, "must be between 0 and"),
        ("repeat_penalty", 0, "must be between"),
        ("mirostat", 1, 'unknown option "mirostat"'),
    ],
)
def test_wrong_values_are_refused_by_name(name: str, value: Any, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        check(name, value)
    assert message in caught.value.message


@given(st.sampled_from(sorted(OPTIONS)), JSON)
def test_any_json_is_a_value_in_range_or_an_option_error(name: str, value: Any) -> None:
    try:
        checked = check(name, value)
    except OptionError:
        return
    option = OPTIONS[name]
    if isinstance(checked, int | float) and not isinstance(checked, bool):
        assert option.minimum is not None
        assert option.maximum is not None
        assert option.minimum <= checked <= option.maximum


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [("temperature", "0.7", 0.7), ("num_ctx", "8192", 8192), ("use_mmap", "true", True),
     ("use_mmap", "0", False),     ("stop", "<|end|>", ["<|end|>"]), ("seed", "-1", -1)],
)  # fmt: skip
def test_text_is_read_by_the_options_type(name: str, text: str, value: Any) -> None:
    assert parse(name, text) == value


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("num_ctx", "many", "invalid int value [many]"),
        ("num_ctx", "1.5", "invalid int value [1.5]"),
        ("temperature", "hot", "invalid float value [hot]"),
        ("temperature", "inf", "invalid float value [inf]"),
        ("use_mmap", "yes", "invalid bool value [yes]"),
        ("warmth", "1", "unknown parameter 'warmth'"),
        ("num_ctx", "1" + "0" * 400, "must be between 1 and 2147483647, not 10000000000000000000..."),
    ],
)
def test_text_of_the_wrong_type_is_refused(name: str, text: str, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse(name, text)
    assert message in caught.value.message


@given(st.sampled_from(sorted(OPTIONS)), st.text())
def test_any_text_is_a_value_or_an_option_error(name: str, text: str) -> None:
    try:
        value = parse(name, text)
    except OptionError:
        return
    assert check(name, list(value) if isinstance(value, list) else value) == value
