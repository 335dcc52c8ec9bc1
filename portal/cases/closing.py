"""Concluding a case and taking it up again: how it ended for each child, with the story kept."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor
from portal.cases import worklist
from portal.cases.children import ChildRow, children_of
from portal.cases.endings import ADULT_AGE, BY_ENDING, ends_for
from portal.cases.events import CaseClosed, CaseReopened
from portal.cases.inputs import CloseCase, EndCase, EndChild
from portal.cases.models import (
    Case,
    CaseEnding,
    CaseRight,
    Circle,
    Closing,
    ClosingChild,
    EntryKind,
    Level,
    Placement,
    Right,
    RightState,
)
from portal.cases.rights import place_children
from portal.cases.timeline import log
from portal.cases.transitions import objections
from portal.cases.visibility import access_to, get_case, open_for, readable_cases
from portal.db import AnyColumns, acting, given, once, rows
from portal.errors import Forbidden, Invalid, Problem
from portal.people.rules import age_on, initials
from portal.texts import _l, msgid
from portal.users.models import User

# A right that is neither restored nor beside the point is still owed to the child.
HELD = (RightState.RESTORED, RightState.NOT_APPLICABLE)


def close_case(session: Session, actor: Actor, case_id: UUID, given: CloseCase) -> Case:
    """Conclude a case (conclusión) with its resolution, saying how it ended for each child.

    Raises Invalid while anything objects (open referrals and commitments, running terms, children
    in a place of care), and beside its field for an end that cannot be. A return to the family says
    so of the child's placement too.
    """
    case = open_for(session, actor, case_id, Level.LEAD)
    if problems := wrong_close(session, actor, case, given, given.dated):
        raise Invalid(*problems)
    children = {row.person_id: row for row in children_of(session, [case.id])[case.id]}
    lacking = lacking_rights(session, case)
    ended = _all_told(given)
    now = clock.now()
    closing = Closing(
        case_id=case.id,
        at=now,
        user_id=actor.user_id,
        document=given.document,
        dated=given.dated,
        basis=given.basis,
        explanation=given.explanation,
    )
    session.add(closing)
    session.flush()
    for told in ended:
        session.add(_child(closing, told, lacking.get(told.person_id, ())))
    _bring_home(session, actor, case, ended, children)
    case.close(at=now)
    worklist.rewrite(session, case)
    audit.record(session, actor, "cases.case.close", case.id, case=case.id)
    log(session, actor, case, kind=EntryKind.ACT, title=msgid("Case closed"), circle=Circle.PARTIES)
    events.record(session, CaseClosed(case.id))
    return case


def wrong_close(
    session: Session, actor: Actor, case: Case, given: EndCase, dated: date | None
) -> list[Problem]:
    """Return what stands against a conclusion and what cannot be of it, each once.

    `dated` is None where the form has no day that holds: the page says the rest all the same.
    """
    problems: list[Problem] = []
    if objections(session, actor, case.id, "close"):
        problems.append(Problem("against", _l("Settle first what stands against closing.")))
    children = {row.person_id: row for row in children_of(session, [case.id])[case.id]}
    lacking = lacking_rights(session, case)
    return problems + list(
        dict.fromkeys(_wrong(case, given, dated, _all_told(given), children, lacking))
    )


def _all_told(given: EndCase) -> list["_Told"]:
    return [_told(given, own, place) for place, own in enumerate(given.children)]


@dataclass(frozen=True, slots=True)
class _Told:
    """How it ended for one child, its own words first, then those for all; where each was said."""

    person_id: UUID
    ending: CaseEnding | None
    since: date | None
    visit_on: date | None
    lacking_reason: str
    place: str
    is_own: bool

    def beside(self, field: str) -> str:
        """Return the field in which it was said, or for all."""
        return f"{self.place}{field}" if self.is_own else field


def _told(given: EndCase, own: EndChild, place: int) -> _Told:
    said = own if own.ending is not None else given
    return _Told(
        own.person_id,
        said.ending,
        own.since or said.since,
        own.visit_on or given.visit_on,
        own.lacking_reason or given.lacking_reason,
        f"children-{place}-",
        own.ending is not None,
    )


def _child(closing: Closing, told: _Told, lacking: Sequence[Right]) -> ClosingChild:
    is_return = told.ending is CaseEnding.RETURNED
    return ClosingChild(
        closing_id=closing.id,
        person_id=told.person_id,
        ending=told.ending or CaseEnding.OTHER,
        since=told.since if is_return else None,
        visit_on=told.visit_on if is_return else None,
        lacking=[right.value for right in lacking],
        lacking_reason=told.lacking_reason if lacking else "",
    )


def _bring_home(
    session: Session,
    actor: Actor,
    case: Case,
    ended: Sequence[_Told],
    children: Mapping[UUID, ChildRow],
) -> None:
    home = [
        told.person_id
        for told in ended
        if told.ending is CaseEnding.RETURNED
        and children[told.person_id].placement is not Placement.WITH_FAMILY
    ]
    if home:
        place_children(session, actor, case, home, placement=Placement.WITH_FAMILY)


def _wrong(
    case: Case,
    given: EndCase,
    dated: date | None,
    ended: Sequence[_Told],
    children: Mapping[UUID, ChildRow],
    lacking: Mapping[UUID, Sequence[Right]],
) -> Iterator[Problem]:
    """Return what cannot be of what was given, each beside its field."""
    if sorted(told.person_id for told in ended) != sorted(children):
        yield Problem(None, _l("The children of the case are others now. Look at it again."))
        return
    if dated is not None and dated < clock.local(case.received_at).date():
        yield Problem("dated", _l("This day lies before the case was received."))
    for told in ended:
        if told.ending is None:
            yield Problem("ending", _l("Say how it ended."))
            continue
        yield from _wrong_of(case, dated, told, children[told.person_id])
        if told.person_id in lacking and not told.lacking_reason:
            message = _l("Rights are not restored: say why it ends all the same.")
            yield Problem(told.beside("lacking_reason"), message)
    unnamed = (told.ending and BY_ENDING[told.ending].needs_basis(case.situation) for told in ended)
    if not given.basis and any(unnamed):
        yield Problem("basis", _l("Give the norm on which the resolution rests for this end."))


def _wrong_of(case: Case, dated: date | None, told: _Told, child: ChildRow) -> Iterator[Problem]:
    age = age_on(child, dated or clock.today()) if child.born_on else None
    is_return = told.ending is CaseEnding.RETURNED
    if told.ending not in [end.ending for end in ends_for(case.situation)]:
        wrong = _l("The case is in another situation: update its data first, or choose.")
        yield Problem(told.beside("ending"), wrong)
    elif age is not None and told.ending is CaseEnding.ADULT and age < ADULT_AGE:
        wrong = _l("By the date of birth recorded %(name)s is not 18 yet.", name=initials(child))
        yield Problem(told.beside("ending"), wrong)
    elif age is not None and is_return and age >= ADULT_AGE:
        wrong = _l("%(name)s is 18: there is no follow-up. Choose that end.", name=initials(child))
        yield Problem(told.beside("ending"), wrong)
    elif is_return and told.since is None:
        yield Problem(told.beside("since"), _l("Give the day on which the child returned."))
    elif is_return and told.visit_on is None:
        yield Problem(told.beside("visit_on"), _l("Give the day of the first follow-up visit."))
    elif is_return and told.visit_on and told.visit_on < clock.today():
        yield Problem(told.beside("visit_on"), _l("This day has passed."))


def lacking_rights(session: Session, case: Case) -> dict[UUID, list[Right]]:
    """Return the rights that are not restored, by child, for whoever reads the case whole."""
    found = session.execute(
        sa.select(col(CaseRight.person_id), col(CaseRight.right)).where(
            col(CaseRight.case_id) == case.id, col(CaseRight.state).not_in(HELD)
        )
    )
    lacking: dict[UUID, list[Right]] = {}
    for person_id, right in found:
        lacking.setdefault(person_id, []).append(right)
    order = list(Right)
    return {person_id: sorted(those, key=order.index) for person_id, those in lacking.items()}


def reopen_case(
    session: Session, actor: Actor, case_id: UUID, *, reason: str, by_mistake: bool = False
) -> Case:
    """Take a closed case up again, by its lead, keeping the story; no term starts by itself.

    Stage and measure ended with the case, unless it was closed by mistake: no resolution had
    concluded it, so what followed from its end falls too.
    """
    case = get_case(session, actor, case_id)
    if not access_to(session, actor, case).leads:
        raise Forbidden(_l("Only the institution in charge can reopen a case."))
    case.reopen(by_mistake=by_mistake)
    closing = _standing(session, case.id)
    if closing is not None:
        closing.reopen(reason, by_mistake=by_mistake, by=actor.user_id, at=clock.now())
    worklist.rewrite(session, case)
    audit.record(session, actor, "cases.case.reopen", case.id, case=case.id, reason=reason)
    log(
        session,
        actor,
        case,
        kind=EntryKind.ACT,
        title=msgid("Case reopened"),
        circle=Circle.PARTIES,
    )
    events.record(session, CaseReopened(case.id, by_mistake))
    return case


def visible_closings(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition under which `Closing` rows are visible: to who reads the case whole."""
    if actor.is_system:
        return sa.true()
    mine = col(Case.id) == col(Closing.case_id)
    return sa.exists().where(mine, readable_cases(actor)).correlate(Closing)


def standing_closing(session: Session, case_id: UUID) -> tuple[Closing, list[ClosingChild]] | None:
    """Return the conclusion that stands on a closed case, for work that follows from it."""
    closing = _standing(session, case_id)
    if closing is None:
        return None
    children = session.scalars(
        sa.select(ClosingChild).where(col(ClosingChild.closing_id) == closing.id)
    )
    return closing, list(children)


def mistaken_closings(session: Session, case_id: UUID) -> list[Closing]:
    """Return the conclusions of a case that were a mistake, for what had followed from them."""
    return list(
        session.scalars(
            sa.select(Closing).where(col(Closing.case_id) == case_id, col(Closing.by_mistake))
        )
    )


def _standing(session: Session, case_id: UUID) -> Closing | None:
    return session.scalar(
        sa.select(Closing).where(
            col(Closing.case_id) == case_id, col(Closing.reopened_at).is_(None)
        )
    )


@dataclass(frozen=True, slots=True)
class ClosedChild:
    """How a conclusion ended for one child."""

    person_id: UUID
    ending: CaseEnding
    since: date | None
    lacking: tuple[Right, ...]
    lacking_reason: str


@dataclass(frozen=True, slots=True)
class ClosingRow:
    """A conclusion and, where there was one, the reopening that followed."""

    id: UUID
    at: datetime
    by: str
    document: str
    dated: date | None
    basis: str
    explanation: str
    reopened_at: datetime | None
    reopened_by: str
    reopen_reason: str
    by_mistake: bool
    children: tuple[ClosedChild, ...]


@once
def _closings(actor: Actor) -> AnyColumns:
    closer, opener = aliased(User), aliased(User)
    return (
        sa.select(
            Closing,
            sa.func.coalesce(col(closer.name), ""),
            sa.func.coalesce(col(opener.name), ""),
        )
        .join(closer, col(closer.id) == col(Closing.user_id), isouter=True)
        .join(opener, col(opener.id) == col(Closing.reopened_by), isouter=True)
        .where(col(Closing.case_id) == given("case_id"), visible_closings(actor))
        .order_by(col(Closing.at).desc(), col(Closing.id).desc())
    )


def list_closings(session: Session, actor: Actor, case: Case) -> list[ClosingRow]:
    """Return the conclusions and reopenings of a case, the latest first, with each child's end."""
    found = rows(session, _closings(actor), acting(actor, case_id=case.id))
    if not found:
        return []
    children: dict[UUID, list[ClosedChild]] = {}
    ids = [closing.id for closing, _by, _opened in found]
    for child in session.scalars(
        sa.select(ClosingChild)
        .where(col(ClosingChild.closing_id).in_(ids))
        .order_by(col(ClosingChild.id))
    ):
        lacking = tuple(Right(each) for each in child.lacking)
        children.setdefault(child.closing_id, []).append(
            ClosedChild(child.person_id, child.ending, child.since, lacking, child.lacking_reason)
        )
    return [
        ClosingRow(
            closing.id,
            closing.at,
            by,
            closing.document,
            closing.dated,
            closing.basis,
            closing.explanation,
            closing.reopened_at,
            opened,
            closing.reopen_reason,
            closing.by_mistake,
            tuple(children.get(closing.id, ())),
        )
        for closing, by, opened in found
    ]
