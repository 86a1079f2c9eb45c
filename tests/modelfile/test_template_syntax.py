"""The template of a create request is parsed before anything is made."""

from __future__ import annotations

import pytest

from hearth.errors import TemplateError
from hearth.modelfile.validate import CreateRequest, check_request
from hearth.names import ModelName


def test_a_template_that_cannot_be_parsed_is_refused_with_its_line() -> None:
    request = CreateRequest(ModelName.parse("m"), from_="base", template="{{ .Prompt }}\n{{ if .System }}")
    with pytest.raises(TemplateError) as caught:
        check_request(request)
    assert caught.value.message == "template error: line 2: {{if}} is never closed; expected {{end}}"
    assert caught.value.status == 400


def test_a_sound_template_passes() -> None:
    check_request(CreateRequest(ModelName.parse("m"), from_="base", template="{{ .Prompt }}"))
