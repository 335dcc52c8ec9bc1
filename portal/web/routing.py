"""Routes that cost nothing until an address of theirs is written."""

from collections.abc import Callable
from functools import cache
from typing import Any

from werkzeug.routing import Rule


class Route(Rule):
    """A route whose function for writing addresses is compiled when the first one is written.

    A process has some four hundred of them, which take a tenth of its start, and a page writes few.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled = cache(super()._compile_builder)

        def build(route: Rule, /, **values: Any) -> tuple[str, str]:
            return compiled(append_unknown)(route, **values)

        return build
