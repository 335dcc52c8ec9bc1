"""What the forms about duplicates may send."""

from typing import Annotated

from pydantic import StringConstraints

from portal.duplicates.models import Answer
from portal.inputs import Input


class GiveAnswer(Input):
    """What a side says, and why."""

    says: Answer
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]


class SameAs(Input):
    """The other case of the same child, and what is to be done with both."""

    code: Annotated[
        str, StringConstraints(strip_whitespace=True, to_upper=True, min_length=4, max_length=24)
    ]
    says: Answer = Answer.LINK
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]


class UndoMerge(Input):
    """Why two cases are parted again."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]
