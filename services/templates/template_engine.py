"""The port `TemplateEngine`: mustache in this process, Jinja2 in one of its own."""

from collections.abc import Mapping
from functools import lru_cache

from pydantic import JsonValue

from services.templates.jinja_process import JinjaProcess
from services.templates.mustache import names_of, render_mustache, required_by
from use_cases.kernel.prompts.content import Syntax


class PromptTemplates:
    """Implementation of the port `TemplateEngine`. `seconds` is the limit of one Jinja2 template."""

    def __init__(self, seconds: float = 2.0) -> None:
        self._jinja = JinjaProcess(seconds)
        self._jinja_names = lru_cache(maxsize=512)(self._jinja.names)

    def names(self, text: str, syntax: Syntax) -> frozenset[str]:
        """Return the names of the variables that a template uses. Raises `TemplateInvalid`."""
        return names_of(text) if syntax is Syntax.MUSTACHE else self._jinja_names(text)[0]

    def required(self, text: str, syntax: Syntax) -> frozenset[str]:
        """Return those that must have a value. Raises `TemplateInvalid`."""
        return required_by(text) if syntax is Syntax.MUSTACHE else self._jinja_names(text)[1]

    def render(self, text: str, values: Mapping[str, JsonValue], syntax: Syntax) -> str:
        """Put values into a template. Raises `TemplateInvalid`."""
        if syntax is Syntax.MUSTACHE:
            return render_mustache(text, values)
        return self._jinja.render(text, values)

    async def close(self) -> None:
        """End the process of Jinja2; the next template starts another."""
        self._jinja.close()
