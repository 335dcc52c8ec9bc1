"""What the forms of people, hand-overs and the duty roster may send."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from portal.access.models import SignerAct, SignerStanding
from portal.access.rules import telephone
from portal.actor import Role
from portal.inputs import Input, refusal
from portal.texts import _l

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=400)]
Post = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=120)]
MOST_ROLES = 9


def _username(text: str) -> str:
    """Take a name of letters, digits, dots and hyphens, so that it can be dictated."""
    allowed = set("abcdefghijklmnopqrstuvwxyz0123456789.-_")
    if not 3 <= len(text) <= 60 or set(text) - allowed or not text[0].isalnum():
        raise refusal(_l("Use 3 to 60 letters without accents, digits, dots and hyphens."))
    return text


Username = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True), AfterValidator(_username)
]


def _telephone(text: str) -> str:
    """Take a telephone that can be called, written as people say it."""
    found = telephone(text)
    if found is None:
        raise refusal(
            _l("Write a number that can be called: 942 000 100, or 042 000 100 with its area.")
        )
    return found


Telephone = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_telephone)]


class GiveRoles(Input):
    """Which roles in which agency, from the first to the last day; none given: from now, open."""

    agency_id: UUID | None = None
    roles: list[Role] = Field(min_length=1, max_length=MOST_ROLES)
    post: Post = ""
    since: date | None = None
    until: date | None = None


class CreatePerson(GiveRoles):
    """A new account with its first roles."""

    name: Name
    username: Username


class GiveReason(Input):
    """A reason in the person's own words."""

    reason: Reason


class Leave(Input):
    """The last day (none: now), who follows the last administrator, whether access stops now."""

    last_day: date | None = None
    follower_id: UUID | None = None
    suspend: bool = False


class Move(Input):
    """Where a person moves, with which roles and post, after which last day here."""

    to_agency_id: UUID
    roles: list[Role] = Field(min_length=1, max_length=MOST_ROLES)
    post: Post = ""
    last_day: date | None = None
    follower_id: UUID | None = None


class EndEverybody(Input):
    """The last day of every role of an agency, and on what ground."""

    agency_id: UUID | None = None
    last_day: date
    reason: Reason


class TakeOver(Input):
    """One person for everything; the fields `to-<record>` and `rest-<kind>` name others."""

    everything: UUID | None = None


class KeepShift(Input):
    """Who answers which telephone, from when until when."""

    user_id: UUID
    telephone: Telephone
    starts_at: datetime
    ends_at: datetime


class AddSigner(Input):
    """Who signs, by which resolution, for what, from the first to the last day."""

    user_id: UUID | None = None
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""
    post: Post = ""
    standing: SignerStanding
    act: SignerAct
    resolution: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=3, max_length=120)
    ]
    resolved_on: date
    since: date
    until: date | None = None


class LastDay(Input):
    """The last day of something."""

    last_day: date


class Confirm(Input):
    """A confirmation without a word of its own."""
