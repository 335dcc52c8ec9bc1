"""Who sees a proposal, and which part of it: one's own record, and that another institution asks.

Until both sides agree that it is one child, neither learns who the other is.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor
from portal.agencies.models import Agency
from portal.alerts.models import WAITING, Alert, AlertChild
from portal.alerts.queries import visible_alerts
from portal.cases.models import Case, CaseChild
from portal.cases.queries import EntryRow as Entry
from portal.cases.queries import access_to, find_case, list_entries, own_readable_cases
from portal.db import AnyColumns, acting, given, once, rows
from portal.duplicates.models import Answer, Basis, Match, MatchState
from portal.duplicates.sides import Side, sides_of, takes_care
from portal.errors import NotFound
from portal.family.models import Relative
from portal.host.slots import HomeGroup, HomeItem, Tone
from portal.people.models import Person
from portal.people.rules import age_text, full_name
from portal.texts import _

Condition = sa.ColumnElement[bool]
AGREED = (MatchState.LINKED, MatchState.MERGED)
TOLD_ENTRIES = 10


def visible_matches(actor: Actor) -> Condition:
    """Return the condition under which `Match` rows are visible: one answers for a side of it.

    That is whoever reads, for the institution in charge, the case or the alert that waits. What
    would tell of a shielded child is seen by nobody but those in charge of that child.
    """
    if actor.agency_id is None or actor.staff_session_id is not None:
        return sa.false()
    one, other = col(Match.one_id), col(Match.other_id)
    return sa.or_(
        sa.and_(_answers_for(actor, one), ~_is_shielded(other)),
        sa.and_(_answers_for(actor, other), ~_is_shielded(one)),
    )


def belongs(case_id: sa.ColumnElement[UUID]) -> Condition:
    """Return which proposals are of a case, for who asks whether there are any at all."""
    return _of_case(case_id)


def _of_case(case_id: Any) -> Condition:
    """Return that a child of a case, or who takes care of its children, is one of the pair."""
    people = sa.union(
        sa.select(col(CaseChild.person_id)).where(col(CaseChild.case_id) == case_id),
        sa.select(col(Relative.person_id)).where(col(Relative.case_id) == case_id, takes_care()),
    )
    return sa.or_(col(Match.one_id).in_(people), col(Match.other_id).in_(people))


def _answers_for(actor: Actor, person_id: Any) -> Condition:
    in_case = (
        sa.select(col(CaseChild.case_id))
        .join(Case, col(Case.id) == col(CaseChild.case_id))
        .where(
            col(CaseChild.person_id) == person_id,
            col(Case.lead_agency_id) == actor.agency_id,
            own_readable_cases(actor),
        )
        .correlate(Match)
        .exists()
    )
    in_family = (
        sa.select(col(Relative.case_id))
        .join(Case, col(Case.id) == col(Relative.case_id))
        .where(
            col(Relative.person_id) == person_id,
            takes_care(),
            col(Case.lead_agency_id) == actor.agency_id,
            own_readable_cases(actor),
        )
        .correlate(Match)
        .exists()
    )
    in_alert = (
        sa.select(col(AlertChild.alert_id))
        .join(Alert, col(Alert.id) == col(AlertChild.alert_id))
        .where(
            col(AlertChild.person_id) == person_id,
            col(Alert.case_id).is_(None),
            col(Alert.status).in_(WAITING),
            col(Alert.authority_id) == actor.agency_id,
            visible_alerts(actor),
        )
        .correlate(Match)
        .exists()
    )
    return sa.or_(in_case, in_family, in_alert)


def _is_shielded(person_id: Any) -> Condition:
    ways = [
        sa.select(col(link.case_id))
        .join(Case, col(Case.id) == col(link.case_id))
        .where(col(link.person_id) == person_id, col(Case.shielded_at).is_not(None))
        .correlate(Match)
        .exists()
        for link in (CaseChild, Relative)
    ]
    return sa.or_(*ways)


@dataclass(frozen=True, slots=True)
class Own:
    """One's own side as the page shows it: the record, the child, what was answered."""

    side: Side
    name: str
    age: str
    says: Answer | None
    opens: bool


@dataclass(frozen=True, slots=True)
class Their:
    """The other side, once both agree: who, the code, the telephone; else nothing of it."""

    code: str
    url: str
    agency: str
    telephone: str
    is_case: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal as one side sees it."""

    id: UUID
    state: MatchState
    basis: Basis
    found_at: datetime
    row_version: int
    own: list[Own]
    their: Their | None
    has_answered: bool
    is_merged: bool
    undo_until: datetime | None
    kept_code: str


def get_match(session: Session, actor: Actor, match_id: UUID) -> Match:
    """Return a visible proposal; raises NotFound."""
    match = session.scalar(
        sa.select(Match).where(col(Match.id) == match_id, visible_matches(actor))
    )
    if match is None:
        raise NotFound
    return match


def own_sides(session: Session, actor: Actor, match: Match) -> list[Side]:
    """Return the sides of a proposal for which the actor answers: one, or both."""
    return _own_sides(session, actor, [match.id])[match.id]


@once
def _whose(actor: Actor) -> AnyColumns:
    one, other = col(Match.one_id), col(Match.other_id)
    return (
        sa.select(col(Match.id), one, _answers_for(actor, one), other, _answers_for(actor, other))
        .where(col(Match.id).in_(given("match_ids", many=True)))
        .order_by(col(Match.found_at), col(Match.id))
    )


def _own_sides(
    session: Session, actor: Actor, match_ids: Collection[UUID]
) -> dict[UUID, list[Side]]:
    """Return the actor's own sides of some proposals, the oldest first, in four statements."""
    if not match_ids:
        return {}
    found = rows(session, _whose(actor), acting(actor, match_ids=list(match_ids)))
    sides = sides_of(
        session, {person for _id, first, _m, second, _o in found for person in (first, second)}
    )
    return {
        match_id: [
            sides[person]
            for person, mine in ((first, is_first), (second, is_second))
            if mine and person in sides
        ]
        for match_id, first, is_first, second, is_second in found
    }


def get_proposal(session: Session, actor: Actor, match_id: UUID) -> Proposal:
    """Return a proposal as the actor's side sees it, and note the read."""
    match = get_match(session, actor, match_id)
    sides = sides_of(session, (match.one_id, match.other_id))
    mine = own_sides(session, actor, match)
    own = [_own(session, match, side) for side in mine]
    others = [side for one, side in sides.items() if one not in {side.person_id for side in mine}]
    agreed = match.state in AGREED
    for side in mine:
        case = side.record_id if side.is_case else None
        audit.note_read(session, actor, "duplicates.match.read", match.id, case=case)
    kept = session.get(Case, match.kept_case_id) if match.kept_case_id else None
    return Proposal(
        id=match.id,
        state=match.state,
        basis=match.basis,
        found_at=match.found_at,
        row_version=match.row_version,
        own=own,
        their=_their(session, others[0]) if agreed and others else None,
        has_answered=all(each.says is not None for each in own),
        is_merged=match.state is MatchState.MERGED,
        undo_until=match.undo_until,
        kept_code=kept.code if kept and agreed else "",
    )


def _own(session: Session, match: Match, side: Side) -> Own:
    person = session.get_one(Person, side.person_id)
    return Own(
        side=side,
        name=full_name(person),
        age=age_text(person, clock.today()),
        says=match.says(side.person_id),
        opens=match.opens(side.person_id),
    )


def _their(session: Session, side: Side) -> Their:
    agency = session.get_one(Agency, side.agency_id)
    return Their(side.code, side.url, agency.name, agency.telephone, side.is_case)


@dataclass(frozen=True, slots=True)
class Tie:
    """Another case of the same child, as the page of a case tells it to who may know of it."""

    match_id: UUID
    code: str
    agency: str
    telephone: str
    is_merged: bool
    is_kept: bool
    is_seen: bool
    answers: bool
    entries: list[Entry]


def ties_of(session: Session, actor: Actor, case: Case) -> list[Tie]:
    """Return the cases that are linked or merged with a case that was read already.

    A link is told to those who answer for a side; a merge also to whoever sees both cases.
    """
    listed = rows(session, _tied(actor), acting(actor, case_id=case.id))
    found = {match.id: (match, bool(answers)) for match, answers in listed}
    people = {one for match, _answers in found.values() for one in (match.one_id, match.other_id)}
    sides = sides_of(session, people) if people else {}
    ties: dict[UUID, Tie] = {}
    for match, answers in found.values():
        for side in (sides.get(match.one_id), sides.get(match.other_id)):
            if side and side.is_case and side.record_id not in (case.id, *ties):
                tie = _tie(session, actor, match, side, answers=answers)
                if tie is not None:
                    ties[side.record_id] = tie
    return list(ties.values())


@once
def _tied(actor: Actor) -> AnyColumns:
    return (
        sa.select(Match, visible_matches(actor))
        .where(_of_case(given("case_id")), col(Match.state).in_(AGREED))
        .order_by(col(Match.found_at))
    )


def _tie(session: Session, actor: Actor, match: Match, side: Side, *, answers: bool) -> Tie | None:
    merged = match.state is MatchState.MERGED
    other = find_case(session, actor, side.record_id)
    if not answers and (other is None or not merged):
        return None
    reads = other is not None and merged and access_to(session, actor, other).reads_all
    agency = session.get_one(Agency, side.agency_id)
    return Tie(
        match_id=match.id,
        code=side.code,
        agency=agency.name,
        telephone=agency.telephone,
        is_merged=merged,
        is_kept=match.kept_case_id == side.record_id,
        is_seen=other is not None,
        answers=answers,
        entries=(
            list_entries(session, actor, other, limit=TOLD_ENTRIES) if reads and other else []
        ),
    )


def home_items(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return the proposals that wait for the answer of the actor's side."""
    if not actor.may("duplicates.match.answer"):
        return []
    open_ones = {
        match.id: match for match in session.scalars(_waiting(actor, limit), acting(actor))
    }
    own = _own_sides(session, actor, open_ones)
    lines = []
    for match_id, match in open_ones.items():
        unsaid = [side for side in own.get(match_id, []) if not match.says(side.person_id)]
        lines += [_line(match, side) for side in unsaid[:1]]
    return lines


@once
def _waiting(actor: Actor, limit: int) -> "sa.Select[Match]":
    waits = sa.and_(visible_matches(actor), col(Match.state) == MatchState.OPEN)
    order = (col(Match.found_at), col(Match.id))
    return sa.select(Match).where(waits).order_by(*order).limit(limit)


def _line(match: Match, side: Side) -> HomeItem:
    return HomeItem(
        when=match.found_at,
        tone=Tone.DUE_SOON,
        title=_("%(code)s: the same adult may take care in another record", code=side.code)
        if side.is_carer
        else _("%(code)s: another record may be of the same child", code=side.code),
        note=_("Say whether it is: until both agree nobody learns who the other is."),
        url=f"/duplicates/{match.id}",
        action_label=_("Look at it"),
        group=HomeGroup.ALERTS,
    )
