"""What forms of councils may send."""

from datetime import date, datetime, time
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, field_validator, model_validator

from portal import clock
from portal.councils import rules
from portal.councils.models import CouncilKind, How, MeetingKind, Office, Sense, Standing
from portal.inputs import Input, refusal
from portal.places.inputs import Territory
from portal.texts import _l

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
DETAILS = ("district", "age", "crime", "illness")
FURTHEST_YEARS = 5


def impersonal(text: str) -> str:
    """Return a text that everybody in the room may read; refuses what points to one person."""
    found = rules.identifies(text)
    if found:
        raise refusal(
            _l("Take out “%(found)s”: neither codes nor identity numbers stand here.", found=found)
        )
    return text


def ahead(day: date) -> date:
    """Return a day to act until; refuses the past and what is years away."""
    today = clock.today()
    if day < today:
        raise refusal(_l("This day has passed."))
    if day.year > today.year + FURTHEST_YEARS:
        raise refusal(_l("This day is more than five years away."))
    return day


class CouncilInput(Input):
    """A council; whatever of its rules is left empty follows the law and the instance."""

    kind: CouncilKind
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=160)]
    programme: Short = ""
    territory: Territory
    open_hours: int | None = Field(default=None, ge=1, le=336)
    brief_days: int | None = Field(default=None, ge=0, le=60)
    item_minutes: int = Field(default=10, ge=1, le=240)

    def rules(self) -> rules.CouncilRules:
        """Return the rules as they are kept."""
        return rules.CouncilRules(
            open_hours=self.open_hours, brief_days=self.brief_days, item_minutes=self.item_minutes
        )


class SeatInput(Input):
    """An agency at a council, with its office."""

    agency_id: UUID
    office: Office = Office.MEMBER


class SeatPersonInput(Input):
    """A person named to a seat, with the account if there is one."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=120)]
    post: Short = ""
    standing: Standing = Standing.TITULAR
    user_id: UUID | None = None


class MeetingInput(Input):
    """When and where a session is called."""

    kind: MeetingKind = MeetingKind.ORDINARY
    place: Line
    day: date
    hour: time

    @field_validator("day")
    @classmethod
    def is_ahead(cls, day: date) -> date:
        """Refuse a day in the past."""
        return ahead(day)

    @property
    def starts_at(self) -> datetime:
        """Return the instant of the call; the hour is the one on the wall in Lima."""
        return datetime.combine(self.day, self.hour, clock.LIMA)


class SecondCallInput(Input):
    """The hour of the second call; its day is the one after the first."""

    hour: time


class SuspendInput(Input):
    """Why a session is suspended and when it goes on (TUO of Ley 27444 art. 99.3)."""

    reason: Reason
    day: date
    hour: time

    @field_validator("day")
    @classmethod
    def is_ahead(cls, day: date) -> date:
        """Refuse a day in the past."""
        return ahead(day)

    @property
    def resumes_at(self) -> datetime:
        """Return the instant at which the session goes on."""
        return datetime.combine(self.day, self.hour, clock.LIMA)


class ReasonInput(Input):
    """A reason, where the law or fairness asks for one; many read it, so it points to nobody."""

    reason: Reason

    @field_validator("reason")
    @classmethod
    def is_impersonal(cls, reason: str) -> str:
        """Refuse codes and identity numbers."""
        return impersonal(reason)


class PointInput(Input):
    """A general point of the agenda; its title stands on the screen and in the acta."""

    title: Line
    minutes: int = Field(default=10, ge=1, le=240)

    @field_validator("title")
    @classmethod
    def is_impersonal(cls, title: str) -> str:
        """Refuse codes and identity numbers."""
        return impersonal(title)


class CaseRequestInput(Input):
    """The code of the case whose lead is asked for a brief."""

    code: Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, min_length=1)]


class ProposeCaseInput(Input):
    """The session to which a case is taken."""

    meeting_id: UUID


class BriefInput(Input):
    """A brief for a session. Each detail that could tell who it is needs its reason."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=20, max_length=2000)]
    asks: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=300)]
    district: Short = ""
    district_reason: Short = ""
    age: Short = ""
    age_reason: Short = ""
    crime: Short = ""
    crime_reason: Short = ""
    illness: Short = ""
    illness_reason: Short = ""
    names_checked: bool = False

    @field_validator("text", "asks", *DETAILS)
    @classmethod
    def is_impersonal(cls, text: str) -> str:
        """Refuse codes and identity numbers."""
        return impersonal(text)

    @model_validator(mode="after")
    def is_justified(self) -> Self:
        """Refuse a detail that comes without its reason."""
        for name in DETAILS:
            if getattr(self, name) and not getattr(self, f"{name}_reason"):
                raise refusal(
                    _l("Say why the council needs each finer detail, or leave the detail out.")
                )
        return self

    def body(self) -> rules.BriefBody:
        """Return what is sealed; reasons without their detail are dropped."""
        given = {"text": self.text}
        for name in DETAILS:
            if getattr(self, name):
                given |= {name: getattr(self, name)}
                given |= {f"{name}_reason": getattr(self, f"{name}_reason")}
        return rules.BriefBody(**given)


class VoteInput(Input):
    """How one seat votes; a dissent may say why, an abstention must (TUO art. 100–101)."""

    seat_id: UUID
    sense: Sense = Sense.FOR
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = ""


class AgreementInput(Input):
    """Who does what until when, who verifies it and how it was agreed."""

    agency_id: UUID
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]
    due_on: date
    verifier_agency_id: UUID | None = None
    how: How = How.CONSENSUS
    votes: list[VoteInput] = []

    @field_validator("text")
    @classmethod
    def is_impersonal(cls, text: str) -> str:
        """Refuse codes and identity numbers: this stands on the screen."""
        return impersonal(text)

    @field_validator("due_on")
    @classmethod
    def is_ahead(cls, day: date) -> date:
        """Refuse a day in the past."""
        return ahead(day)


class DeskInput(AgreementInput):
    """An agreement as the desk sends it: on the point that its page showed."""

    item_id: UUID


class NotesInput(Input):
    """What was said on a point, for the acta."""

    notes: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)] = ""

    @field_validator("notes")
    @classmethod
    def is_impersonal(cls, notes: str) -> str:
        """Refuse codes and identity numbers: this is printed."""
        return impersonal(notes)


class AttendanceInput(Input):
    """Who of a seat has come; nobody named: the seat is there with somebody else's name."""

    seat_id: UUID
    person_id: UUID | None = None
    name: Short = ""
    standing: Standing = Standing.TITULAR


class ExcuseInput(Input):
    """Why a seat cannot come."""

    seat_id: UUID
    excuse: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
