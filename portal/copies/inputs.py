"""What the forms of copies may send."""

from typing import Annotated

from pydantic import StringConstraints

from portal.copies.models import HistoryKind, Purpose
from portal.inputs import Input

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=400)]


class AskHistory(Input):
    """For what the history is taken out, as what, and how far it goes."""

    purpose: Purpose
    reason: Reason
    kind: HistoryKind
    with_names: bool = False
    with_restricted: bool = False
