"""Who sees which sign and notice, and what pages read of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import CASE_ROLES, Actor
from portal.agencies.models import Agency
from portal.cases.models import Case, CaseAssignment, CaseStatus
from portal.cases.queries import own_cases, readable_cases
from portal.db import NOW, AnyColumns, acting, given, once, rows
from portal.deadlines import rules
from portal.deadlines.rules import DeadlineRule
from portal.deadlines.steps import explain
from portal.duties.catalogue import AFTER_CLOSING
from portal.duties.labels import STATUS
from portal.duties.models import OPEN, CaseSign, Channel, Duty, DutyStatus, Sign
from portal.errors import NotFound
from portal.host.slots import HomeGroup, HomeItem, Tone
from portal.texts import _
from portal.users.models import User

Condition = sa.ColumnElement[bool]
PAGE = 50


def _of_readable(actor: Actor, of: Any) -> Condition:
    return sa.exists().where(col(Case.id) == col(of.case_id), readable_cases(actor)).correlate(of)


def visible_duties(actor: Actor) -> Condition:
    """Return the condition under which `Duty` rows are visible: whoever reads the case whole.

    They are pieces of the team: an addressee reads the referral or letter, not the list.
    """
    return sa.true() if actor.is_system else _of_readable(actor, Duty)


def belongs(case_id: sa.ColumnElement[UUID]) -> Condition:
    """Return which notices are of a case, for who asks whether there are any at all."""
    return col(Duty.case_id) == case_id


def visible_signs(actor: Actor) -> Condition:
    """Return the condition under which `CaseSign` rows are visible: as the notices are."""
    return sa.true() if actor.is_system else _of_readable(actor, CaseSign)


def get_duty(session: Session, actor: Actor, duty_id: UUID) -> Duty:
    """Return a visible notice and note the read; raises NotFound."""
    duty = session.scalar(sa.select(Duty).where(col(Duty.id) == duty_id, visible_duties(actor)))
    if duty is None:
        raise NotFound
    audit.note_read(session, actor, "duties.duty.read", duty.id, case=duty.case_id)
    return duty


def get_sign(session: Session, actor: Actor, case: Case, sign_id: UUID) -> CaseSign:
    """Return a visible sign of a case; raises NotFound."""
    sign = session.scalar(
        sa.select(CaseSign).where(
            col(CaseSign.id) == sign_id, col(CaseSign.case_id) == case.id, visible_signs(actor)
        )
    )
    if sign is None:
        raise NotFound
    return sign


@dataclass(frozen=True, slots=True)
class DutyRow:
    """A notice in a list: whom, by when, how it stands; never a name of a child."""

    id: UUID
    case_code: str
    rule_code: str
    status: DutyStatus
    sign: Sign
    person_id: UUID | None
    known_at: datetime
    due_on: date
    due_at: datetime
    steps: Sequence[Any]
    addressee: str
    channel: Channel | None
    referral_id: UUID | None
    letter_document: str
    letter_dated: date | None
    sent_at: datetime | None
    answer_document: str
    answer_dated: date | None
    confirmed_at: datetime | None
    refusal: str

    @property
    def rule(self) -> DeadlineRule:
        """Return its term as it stood when the sign was known."""
        return rules.known(self.rule_code, clock.local(self.known_at).date())

    @property
    def is_open(self) -> bool:
        """Tell whether it is still to be given or confirmed."""
        return self.status in OPEN

    @property
    def is_late(self) -> bool:
        """Tell whether nobody has confirmed it past its term."""
        return self.is_open and self.due_at < clock.now()

    @property
    def was_late(self) -> bool:
        """Tell whether it was confirmed after its term."""
        return self.confirmed_at is not None and self.confirmed_at > self.due_at

    @property
    def is_soon(self) -> bool:
        """Tell whether its term ends by tomorrow."""
        return self.is_open and (self.due_on - clock.today()).days <= 1

    @property
    def may_be_sent(self) -> bool:
        """Tell whether it is still to be given, or a letter without an answer is sent again."""
        again = self.status is DutyStatus.SENT and self.channel is Channel.LETTER
        return again or self.status in (DutyStatus.OWED, DutyStatus.REFUSED)

    @property
    def explanation(self) -> str:
        """Return how its end was counted."""
        return explain(self.steps)

    @property
    def note(self) -> str:
        """Return how it stands, and with whom."""
        told = str(STATUS[self.status])
        return f"{told} · {self.addressee}" if self.addressee else told


def _rows(visible: Condition) -> AnyColumns:
    return (
        sa.select(
            col(Duty.id),
            col(Case.code),
            col(Duty.rule_code),
            col(Duty.status),
            col(CaseSign.sign),
            col(Duty.person_id),
            col(Duty.known_at),
            col(Duty.due_on),
            col(Duty.due_at),
            col(Duty.steps),
            sa.func.coalesce(col(Agency.name), col(Duty.addressee)),
            col(Duty.channel),
            col(Duty.referral_id),
            col(Duty.letter_document),
            col(Duty.letter_dated),
            col(Duty.sent_at),
            col(Duty.answer_document),
            col(Duty.answer_dated),
            col(Duty.confirmed_at),
            col(Duty.refusal),
        )
        .join(Case, col(Case.id) == col(Duty.case_id))
        .join(CaseSign, col(CaseSign.id) == col(Duty.sign_id))
        .join(Agency, col(Agency.id) == col(Duty.agency_id), isouter=True)
        .where(visible)
    )


def list_for_case(session: Session, actor: Actor, case: Case) -> list[DutyRow]:
    """Return the visible notices of a case: what is open first, soonest first."""
    listed = rows(session, _of_case(actor), acting(actor, case_id=case.id))
    return sorted((DutyRow(*row) for row in listed), key=lambda row: not row.is_open)


@once
def _of_case(actor: Actor) -> AnyColumns:
    return (
        _rows(visible_duties(actor))
        .where(col(Duty.case_id) == given("case_id"))
        .order_by(col(Duty.due_at), col(Duty.id))
    )


@dataclass(frozen=True, slots=True)
class SignRow:
    """A sign as the page of notices shows it."""

    id: UUID
    sign: Sign
    person_id: UUID | None
    known_at: datetime
    recorded_by: str
    withdrawn_at: datetime | None


def list_signs(session: Session, actor: Actor, case: Case) -> list[SignRow]:
    """Return the visible signs of a case, the latest first, withdrawn ones too."""
    statement: AnyColumns = (
        sa.select(
            col(CaseSign.id),
            col(CaseSign.sign),
            col(CaseSign.person_id),
            col(CaseSign.known_at),
            sa.func.coalesce(col(User.name), ""),
            col(CaseSign.withdrawn_at),
        )
        .join(User, col(User.id) == col(CaseSign.recorded_by), isouter=True)
        .where(col(CaseSign.case_id) == case.id, visible_signs(actor))
        .order_by(col(CaseSign.known_at).desc(), col(CaseSign.id).desc())
    )
    return [SignRow(*row) for row in rows(session, statement)]


def still_given() -> Condition:
    """Return which notices are still given: on open cases, and on closed ones what closing asks."""
    return sa.or_(
        col(Case.status) == CaseStatus.OPEN, col(Duty.rule_code).in_(sorted(AFTER_CLOSING))
    )


def needs_me(actor: Actor) -> Condition:
    """Return which notices stand before a person of the institution in charge.

    Whoever is assigned to the case has its notices; what is late, and what nobody is assigned to,
    stands before the coordinator and whoever is on duty too.
    """
    assigned = (
        sa.exists()
        .where(
            col(CaseAssignment.case_id) == col(Duty.case_id),
            col(CaseAssignment.agency_id) == actor.agency_id,
            col(CaseAssignment.until).is_(None),
        )
        .correlate(Duty)
    )
    mine = assigned.where(col(CaseAssignment.user_id) == actor.user_id)
    return sa.or_(mine, sa.not_(assigned), col(Duty.due_at) < NOW)


@once
def _before_me(actor: Actor, limit: int) -> AnyColumns:
    return (
        _rows(visible_duties(actor))
        .where(
            col(Duty.status).in_(OPEN),
            col(Case.lead_agency_id) == actor.agency_id,
            still_given(),
            own_cases(actor),
            needs_me(actor),
        )
        .order_by(col(Duty.due_at), col(Duty.id))
        .limit(limit)
    )


def home_items(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return the notices that the acting agency owes as the lead and nobody has confirmed."""
    if actor.agency_id is None or not actor.has_role(*CASE_ROLES):
        return []
    found = [DutyRow(*row) for row in rows(session, _before_me(actor, limit), acting(actor))]
    if found:
        audit.note_read(session, actor, "duties.duty.list", *[row.id for row in found])
    return [_item(row) for row in found]


def _item(row: DutyRow) -> HomeItem:
    tone = Tone.OVERDUE if row.is_late else Tone.DUE_SOON if row.is_soon else Tone.IN_TIME
    return HomeItem(
        when=row.due_on,
        tone=tone,
        title=_("%(code)s · %(rule)s", code=row.case_code, rule=row.rule.title),
        note=_("mandatory notice, %(source)s · %(note)s", source=row.rule.source, note=row.note),
        url=f"/cases/{row.case_code}/duties#duty-{row.id}",
        action_label=_("Tell it") if row.status is DutyStatus.OWED else _("Confirm it"),
        group=HomeGroup.TERMS,
    )
