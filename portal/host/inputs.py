"""What the pages of modules may send."""

from typing import Annotated

from pydantic import StringConstraints

from portal.inputs import Input

Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)]


class SwitchOff(Input):
    """Switching a module off; the reason is asked for where something is open."""

    reason: Reason = ""
