"""What the forms of an alert may send."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from portal.alerts.models import ArchiveKind, Sign
from portal.cases.models import Priority, Situation
from portal.inputs import Input, PastMoment, Telephone
from portal.people.inputs import PersonInput
from portal.places.inputs import District

Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]


class SendAlert(Input):
    """An alert with what is known now; the rest may be completed later.

    `learned_at` is when the sender knew of it, from which the duty to report runs (R 23).
    """

    children: list[PersonInput] = Field(min_length=1, max_length=20)
    district: District
    where: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]
    is_here: bool = False
    situation: Situation = Situation.UNDECIDED
    signs: list[Sign] = Field(default_factory=list)
    what_happens: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)
    ]
    learned_at: PastMoment | None = None
    priority: Priority | None = None
    reporter: Short = ""
    is_reserved: bool = False
    telephone: Telephone
    authority_id: UUID | None = None


class AcceptAlert(Input):
    """Take an alert up as a case; the sender comes onto it only where that is ticked."""

    sender_collaborates: bool = False


class PassOnAlert(Input):
    """To whom an alert goes on, and why it is not one's own."""

    authority_id: UUID
    reason: Reason


class JoinAlert(Input):
    """The case in which an alert is taken up."""

    code: Annotated[
        str, StringConstraints(strip_whitespace=True, to_upper=True, min_length=4, max_length=24)
    ]


class ArchiveAlert(Input):
    """Why an alert ends without a case (DL 1297 art. 18)."""

    kind: ArchiveKind
    reason: Reason


class WithdrawAlert(Input):
    """Why its sender takes an alert back."""

    reason: Reason
