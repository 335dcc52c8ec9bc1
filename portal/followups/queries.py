"""Who sees which follow-up and visit, and what pages read of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import CASE_ROLES, Actor
from portal.cases.models import Case, CaseStatus, Entry
from portal.cases.queries import own_cases, readable_cases
from portal.db import AnyColumns, acting, given, once, rows
from portal.deadlines.steps import explain
from portal.errors import NotFound
from portal.followups.models import Finding, FollowUp, FollowUpEnd, FollowUpVisit
from portal.host.slots import HomeGroup, HomeItem, Tone
from portal.texts import _, day_text
from portal.users.models import User

Condition = sa.ColumnElement[bool]
HOME_DAYS = 7
# Whoever leads is told this long before a follow-up may end.
END_DAYS = 30


def visible_followups(actor: Actor) -> Condition:
    """Return the condition under which `FollowUp` rows are visible: to who reads the case whole.

    On a closed case that is the institution in charge alone.
    """
    if actor.is_system:
        return sa.true()
    mine = col(Case.id) == col(FollowUp.case_id)
    return sa.exists().where(mine, readable_cases(actor)).correlate(FollowUp)


def visible_visits(actor: Actor) -> Condition:
    """Return the condition under which `FollowUpVisit` rows are visible: with their follow-up."""
    if actor.is_system:
        return sa.true()
    of = col(FollowUp.id) == col(FollowUpVisit.followup_id)
    return sa.exists().where(of, visible_followups(actor)).correlate(FollowUpVisit)


def get_followup(session: Session, actor: Actor, case: Case, followup_id: UUID) -> FollowUp:
    """Return a visible follow-up of a case; raises NotFound."""
    row = session.scalar(
        sa.select(FollowUp).where(
            col(FollowUp.id) == followup_id,
            col(FollowUp.case_id) == case.id,
            visible_followups(actor),
        )
    )
    if row is None:
        raise NotFound
    return row


def get_visit(session: Session, actor: Actor, case: Case, visit_id: UUID) -> FollowUpVisit:
    """Return a visible visit of a case; raises NotFound."""
    visit = session.scalar(
        sa.select(FollowUpVisit)
        .join(FollowUp, col(FollowUp.id) == col(FollowUpVisit.followup_id))
        .where(
            col(FollowUpVisit.id) == visit_id,
            col(FollowUp.case_id) == case.id,
            visible_visits(actor),
        )
    )
    if visit is None:
        raise NotFound
    return visit


@dataclass(frozen=True, slots=True)
class FollowUpRow:
    """The follow-up of one child as its page shows it."""

    id: UUID
    person_id: UUID
    returned_on: date
    adult_on: date | None
    ends_on: date
    steps: Sequence[Any]
    next_on: date | None
    risk_on: date | None
    ended_at: datetime | None
    end: FollowUpEnd | None
    words: str
    row_version: int

    @property
    def runs(self) -> bool:
        """Tell whether visits are still made."""
        return self.ended_at is None

    @property
    def is_late(self) -> bool:
        """Tell whether the day of the next visit has passed."""
        return self.runs and self.next_on is not None and self.next_on < clock.today()

    @property
    def is_due_to_end(self) -> bool:
        """Tell whether the time that the law sets has passed."""
        return self.runs and self.ends_on <= clock.today()

    @property
    def explanation(self) -> str:
        """Return how its last day was counted: two years, or the day on which the child is 18."""
        if self.adult_on == self.ends_on:
            return _(
                "The child is 18 on %(day)s, before two years pass", day=day_text(self.ends_on)
            )
        counted = explain(self.steps)
        if self.adult_on is None:
            doubt = _("The day of birth is not known: 18 years may come first")
            return f"{counted}. {doubt}"
        return counted


def list_for_case(session: Session, actor: Actor, case: Case) -> list[FollowUpRow]:
    """Return the visible follow-ups of a case: what runs first, the soonest visit first."""
    found = session.scalars(
        sa.select(FollowUp)
        .where(col(FollowUp.case_id) == case.id, visible_followups(actor))
        .order_by(col(FollowUp.ended_at).is_not(None), col(FollowUp.next_on), col(FollowUp.id))
    )
    names = FollowUpRow.__dataclass_fields__
    return [FollowUpRow(**{name: getattr(row, name) for name in names}) for row in found]


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A visit as its page shows it; `found` is the text of its entry, gone where it was struck."""

    id: UUID
    person_id: UUID
    happened_on: date
    finding: Finding
    next_on: date | None
    found: str
    by: str
    is_struck: bool
    followup_id: UUID


def list_visits(session: Session, actor: Actor, case: Case) -> list[VisitRow]:
    """Return the visible visits of a case, the latest first."""
    statement: AnyColumns = (
        sa.select(
            col(FollowUpVisit.id),
            col(FollowUp.person_id),
            col(FollowUpVisit.happened_on),
            col(FollowUpVisit.finding),
            col(FollowUpVisit.next_on),
            col(Entry.text),
            sa.func.coalesce(col(User.name), ""),
            col(Entry.struck_at).is_not(None),
            col(FollowUp.id),
        )
        .join(FollowUp, col(FollowUp.id) == col(FollowUpVisit.followup_id))
        .join(Entry, col(Entry.id) == col(FollowUpVisit.entry_id))
        .join(User, col(User.id) == col(Entry.author_id), isouter=True)
        .where(col(FollowUp.case_id) == case.id, visible_visits(actor))
        .order_by(col(FollowUpVisit.happened_on).desc(), col(FollowUpVisit.id).desc())
    )
    return [VisitRow(*row) for row in rows(session, statement)]


def _led(actor: Actor) -> list[Condition]:
    """Return where the acting agency owes what follows a return: on closed cases that it leads."""
    return [
        col(FollowUp.ended_at).is_(None),
        col(Case.status) == CaseStatus.CLOSED,
        col(Case.lead_agency_id) == actor.agency_id,
        own_cases(actor),
    ]


def due_days(session: Session, actor: Actor, until: date) -> Collection[date]:
    """Return the days up to one on which a visit of the acting agency falls; no case named."""
    found = session.scalars(
        sa.select(col(FollowUp.next_on))
        .distinct()
        .join(Case, col(Case.id) == col(FollowUp.case_id))
        .where(col(FollowUp.next_on) <= until, *_led(actor))
    )
    return [day for day in found if day is not None]


def home_items(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return the visits that come within a week, the risk that was found, and what may end.

    Siblings of one day share a line.
    """
    if actor.agency_id is None or not actor.has_role(*CASE_ROLES):
        return []
    soon, ending = clock.today() + timedelta(HOME_DAYS), clock.today() + timedelta(END_DAYS)
    found = rows(session, _near(actor, limit), acting(actor, soon=soon, ending=ending))
    if found:
        read = {case_id for case_id, *_rest in found}
        audit.note_read(session, actor, "followups.followup.list", *read)
    lines = dict.fromkeys(
        (code, next_on, risk_on, ends_on) for _id, code, next_on, risk_on, ends_on in found
    )
    return [_item(*line) for line in lines]


@once
def _near(actor: Actor, limit: int) -> AnyColumns:
    next_on, ends_on = col(FollowUp.next_on), col(FollowUp.ends_on)
    ends_soon = sa.and_(next_on.is_(None), ends_on <= given("ending", ends_on))
    return (
        sa.select(
            col(Case.id),
            col(Case.code),
            next_on,
            col(FollowUp.risk_on),
            ends_on,
        )
        .join(Case, col(Case.id) == col(FollowUp.case_id))
        .where(
            *_led(actor),
            sa.or_(
                next_on <= given("soon", next_on), col(FollowUp.risk_on).is_not(None), ends_soon
            ),
        )
        .order_by(sa.func.coalesce(next_on, ends_on), col(Case.code))
        .limit(limit)
    )


def _item(code: str, next_on: date | None, risk_on: date | None, ends_on: date) -> HomeItem:
    url = f"/cases/{code}/follow-up"
    if risk_on is not None:
        return HomeItem(
            when=risk_on,
            tone=Tone.OVERDUE,
            title=_("%(code)s · a visit after the return found risk", code=code),
            note=_("the case is closed: reopen it (DL 91)"),
            url=url,
            action_label=_("Reopen the case"),
            group=HomeGroup.PROTECTION,
        )
    if next_on is None:
        return HomeItem(
            when=ends_on,
            tone=Tone.DUE_SOON if ends_on <= clock.today() else Tone.IN_TIME,
            title=_("%(code)s · the follow-up after the return ends", code=code),
            note=_("two years, or 18 years of age (DL 91; R 46)"),
            url=url,
            action_label=_("End the follow-up"),
            group=HomeGroup.TERMS,
        )
    left = (next_on - clock.today()).days
    return HomeItem(
        when=next_on,
        tone=Tone.OVERDUE if left < 0 else Tone.DUE_SOON if left <= 1 else Tone.IN_TIME,
        title=_("%(code)s · follow-up visit after the return", code=code),
        note=_("until %(day)s at least (DL 91; R 46)", day=day_text(ends_on)),
        url=url,
        action_label=_("Record the follow-up visit"),
        action_url=f"{url}/visits/new",
        group=HomeGroup.TERMS,
    )
