"""What the forms of a commitment may send."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from portal.commitments.models import Source
from portal.inputs import Input, PastDay

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]


class ProposeCommitment(Input):
    """Who, what, for which child, by when, verified by whom; by hand or from a case conference.

    The day of the conference (`agreed_on`) is asked for where it comes from one.
    """

    source: Source = Source.MANUAL
    agreed_on: date | None = None
    agency_id: UUID
    person_id: UUID | None = None
    act: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=600)]
    due_on: date
    verifier_id: UUID | None = None


class Evidence(Input):
    """What was done, with the number and date of its document (sustento)."""

    words: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)]
    document: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""
    dated: PastDay | None = None


class Postpone(Input):
    """The new day and why."""

    due_on: date
    reason: Reason


class ObjectTo(Input):
    """Why the act is not taken on."""

    reason: Reason


class Verdict(Input):
    """What the verifier found."""

    is_done: bool = False
    words: Reason
