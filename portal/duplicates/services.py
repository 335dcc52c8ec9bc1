"""Answers, links, merges and what undoes them.

A merge moves no row: both cases keep their acts, documents, terms and referrals, and whoever sees
both reads them together. So an undo leaves everything where it was. The institutions in charge come
onto each other's case; the others only once both agree (SECURITY 5.1).
"""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor, system_actor
from portal.cases import worklist
from portal.cases.models import (
    Case,
    CaseChild,
    CaseParty,
    Circle,
    EntryKind,
    Level,
    Placement,
)
from portal.cases.queries import find_case, is_current
from portal.cases.services import admit_party, open_for
from portal.cases.timeline import log
from portal.cases.transitions import objections
from portal.duplicates.events import CasesMerged, CasesParted, MatchTold
from portal.duplicates.finding import numbers_beside, propose
from portal.duplicates.inputs import GiveAnswer, SameAs
from portal.duplicates.models import Answer, Basis, Match, MatchParty, MatchState
from portal.duplicates.queries import get_match, own_sides
from portal.duplicates.sides import Side, sides_of
from portal.errors import Conflict, Invalid, Problem
from portal.host.slots import Transition
from portal.people.matching import are_homonyms, likely_same
from portal.people.models import Person
from portal.texts import _l, msgid

UNDO = timedelta(days=30)
MERGED_BASIS = "Acumulación de expedientes de la misma niña, niño o adolescente"


def answer_match(session: Session, actor: Actor, match_id: UUID, given: GiveAnswer) -> Match:
    """Say for one's side whether it is the same child; what follows from both answers happens.

    Raises Invalid where the cases cannot be merged, saying what to do instead.
    """
    match = to_answer(session, actor, match_id)
    return _answer(session, actor, match, given.says, given.reason)


def to_answer(session: Session, actor: Actor, match_id: UUID) -> Match:
    """Return a match that is not merged; the form of an answer asks this first."""
    match = get_match(session, actor, match_id)
    match.must_not_be_merged()
    return match


def _answer(session: Session, actor: Actor, match: Match, says: Answer, reason: str) -> Match:
    own = own_sides(session, actor, match)
    for side in own:
        if says is Answer.MERGE:
            _require_open_case(side)
        state = match.answer(side.person_id, says, actor.user_id)
    if state is MatchState.MERGED:
        _merge(session, actor, match)
    before, match.state = match.state, state
    session.flush()
    _record(session, actor, match, own, "duplicates.match.answer", reason=reason, says=says.value)
    if state is MatchState.LINKED and before is not MatchState.LINKED:
        for side in _sides(session, match):
            title = (
                msgid("Linked with another case in which the same adult takes care")
                if side.is_carer
                else msgid("Linked with another case of the same child")
            )
            _log(session, side, title, Circle.AGENCY)
    if state is not before:
        _tell(session, actor, match, state.value)
    return match


def _require_open_case(side: Side) -> None:
    if side.is_carer:
        told = _l("Cases that share an adult are not merged: link them.")
        raise Invalid(Problem("says", told))
    if not side.is_case:
        raise Invalid(
            Problem("says", _l("An alert is not merged: link it, then join it to the case."))
        )
    if not side.is_open:
        raise Invalid(
            Problem(
                "says",
                _l(
                    "Case %(code)s is closed: reopen it to merge, or link the cases.",
                    code=side.code,
                ),
            )
        )


def _sides(session: Session, match: Match) -> list[Side]:
    return list(sides_of(session, (match.one_id, match.other_id)).values())


def _merge(session: Session, actor: Actor, match: Match) -> None:
    """Join two open cases: the one opened first goes on, the other within it."""
    sides = _sides(session, match)
    if not all(side.is_case and side.is_open and not side.is_carer for side in sides):
        told = _l("The other record cannot be merged now. Link them: then you see whose it is.")
        raise Invalid(Problem("says", told))
    if len({side.record_id for side in sides}) < 2:
        raise Conflict(_l("A case cannot be merged with itself."))
    kept, joined = (
        session.get_one(Case, side.record_id) for side in sorted(sides, key=lambda each: each.since)
    )
    found = [
        objection
        for case in (kept, joined)
        for objection in objections(session, actor, case.id, Transition.MERGE)
    ]
    if found:
        raise Invalid(*[Problem(None, objection.text) for objection in found])
    match.kept_case_id, match.joined_case_id = kept.id, joined.id
    match.merged_at, match.undone_at = clock.now(), None
    match.undo_until = clock.now() + UNDO
    match.one_opens = match.other_opens = False
    session.flush()
    _bring(session, match, kept, joined.lead_agency_id, Level.TEAM)
    _bring(session, match, joined, kept.lead_agency_id, Level.TEAM)
    _log_case(session, kept, msgid("Case %(code)s was merged into this one"), joined.code)
    _log_case(session, joined, msgid("Merged into case %(code)s"), kept.code)
    events.record(session, CasesMerged(kept.id, joined.id))


def _bring(session: Session, match: Match, case: Case, agency_id: UUID, level: Level) -> None:
    """Bring an institution onto a case by a merge, and note what undoing it ends again."""
    before = session.scalar(
        sa.select(CaseParty).where(
            col(CaseParty.case_id) == case.id, col(CaseParty.agency_id) == agency_id, is_current()
        )
    )
    if before is not None and (before.level is not Level.INFORMED or level is Level.INFORMED):
        return
    level_before = before.level if before is not None else None
    party = admit_party(
        session,
        system_actor(case.lead_agency_id),
        case,
        agency_id=agency_id,
        level=level,
        legal_basis=MERGED_BASIS,
    )
    session.add(MatchParty(match_id=match.id, party_id=party.id, level_before=level_before))
    session.flush()


def open_to_all(session: Session, actor: Actor, match_id: UUID) -> Match:
    """Agree that the institutions of both merged cases see both; it happens once both sides do."""
    match = get_match(session, actor, match_id)
    if match.state is not MatchState.MERGED:
        raise Conflict(_l("These cases are not merged."))
    own = own_sides(session, actor, match)
    for side in own:
        if side.person_id == match.one_id:
            match.one_opens = True
        else:
            match.other_opens = True
    if match.one_opens and match.other_opens:
        _exchange_parties(session, match)
    session.flush()
    _record(session, actor, match, own, "duplicates.match.open")
    return match


def _exchange_parties(session: Session, match: Match) -> None:
    kept = session.get_one(Case, match.kept_case_id)
    joined = session.get_one(Case, match.joined_case_id)
    on = {
        case.id: session.scalars(
            sa.select(CaseParty).where(col(CaseParty.case_id) == case.id, is_current())
        ).all()
        for case in (kept, joined)
    }
    for source, target in ((kept, joined), (joined, kept)):
        for party in on[source.id]:
            level = Level.INFORMED if party.level is Level.INFORMED else Level.TEAM
            _bring(session, match, target, party.agency_id, level)


def undo_merge(session: Session, actor: Actor, match_id: UUID, *, reason: str) -> Match:
    """Part two merged cases again within thirty days: by either institution in charge.

    What the merge brought ends; what was written stays on the case where it was written. Where a
    child of the case is in an institution's care meanwhile, that institution stays.
    """
    match = to_undo(session, actor, match_id)
    own = own_sides(session, actor, match)
    kept = session.get_one(Case, match.kept_case_id)
    joined = session.get_one(Case, match.joined_case_id)
    brought = session.scalars(sa.select(MatchParty).where(col(MatchParty.match_id) == match.id))
    for each in brought.all():
        _take_back(session, each)
    match.state, match.undone_at = MatchState.LINKED, clock.now()
    match.one_says = match.other_says = Answer.LINK
    session.flush()
    for case in (kept, joined):
        worklist.rewrite(session, case)
    _log_case(session, kept, msgid("Parted from case %(code)s: the merge was undone"), joined.code)
    _log_case(session, joined, msgid("Parted from case %(code)s: the merge was undone"), kept.code)
    _record(session, actor, match, own, "duplicates.match.undo", reason=reason)
    events.record(session, CasesParted(kept.id, joined.id))
    _tell(session, actor, match, "undone")
    return match


def to_undo(session: Session, actor: Actor, match_id: UUID) -> Match:
    """Return a merge that can still be undone; its form asks this first."""
    match = get_match(session, actor, match_id)
    if match.state is not MatchState.MERGED or match.undo_until is None:
        raise Conflict(_l("These cases are not merged."))
    if clock.now() > match.undo_until:
        raise Conflict(_l("A merge is undone within 30 days. Write to whoever keeps the platform."))
    return match


def _take_back(session: Session, brought: MatchParty) -> None:
    party = session.get_one(CaseParty, brought.party_id)
    cares = sa.exists().where(
        col(CaseChild.case_id) == party.case_id,
        col(CaseChild.placed_by) == party.agency_id,
        col(CaseChild.placement) == Placement.IN_CARE,
    )
    stays = party.level is Level.LEAD or session.scalar(sa.select(cares))
    if not stays and brought.level_before is not None:
        party.level = brought.level_before
    elif not stays and party.ended_at is None:
        party.ended_at = clock.now()
    session.delete(brought)
    session.flush()


def say_same(session: Session, actor: Actor, case_id: UUID, given: SameAs) -> Match:
    """Say that another case, which one sees, is of the same child: by the institution in charge.

    Raises Invalid for a case with itself, one that is not seen, a closed one that is to be merged,
    and where their children bear other document numbers.
    """
    case = open_for(session, actor, case_id, Level.LEAD)
    if given.code == case.code:
        raise Invalid(Problem("code", _l("This is the same case: write the code of the other.")))
    other = find_case(session, actor, given.code)
    if other is None:
        raise Invalid(Problem("code", _l("None of the cases that you see has this code.")))
    one, two = _pair(session, case, other)
    first, second = sorted((one.person_id, two.person_id))
    match = session.scalar(
        sa.select(Match).where(col(Match.one_id) == first, col(Match.other_id) == second)
    )
    if match is None:
        match = propose(session, one, two, Basis.TOLD)
    if given.says is Answer.MERGE:
        _require_open_case(two)
    return _answer(session, actor, match, given.says, given.reason)


def _pair(session: Session, case: Case, other: Case) -> tuple[Side, Side]:
    """Return the two children that are likeliest one."""
    own, their = (_children(session, each) for each in (case, other))
    known = numbers_beside(session, [each.id for each in (*own, *their)])
    more = {(one.id, two.id): (known[one.id], known[two.id]) for one in own for two in their}
    pairs = [
        (one, two)
        for one in own
        for two in their
        if not are_homonyms(one, two, more=more[one.id, two.id])
    ]
    if not pairs:
        told = _l("Their children bear other document numbers: they are not the same.")
        raise Invalid(Problem("code", told))
    day = clock.today()
    one, two = next(
        ((one, two) for one, two in pairs if likely_same(one, two, day, more=more[one.id, two.id])),
        pairs[0],
    )
    sides = sides_of(session, (one.id, two.id))
    return sides[one.id], sides[two.id]


def _children(session: Session, case: Case) -> list[Person]:
    return list(
        session.scalars(
            sa.select(Person)
            .join(CaseChild, col(CaseChild.person_id) == col(Person.id))
            .where(col(CaseChild.case_id) == case.id)
            .order_by(col(CaseChild.position))
        )
    )


def _log(session: Session, side: Side, title: str, circle: Circle) -> None:
    if side.is_case:
        case = session.get_one(Case, side.record_id)
        who = system_actor(side.agency_id)
        log(session, who, case, kind=EntryKind.ACT, title=title, circle=circle)


def _log_case(session: Session, case: Case, title: str, code: str) -> None:
    """Tell it to those in charge only: the code of the other case says whose it is."""
    who, circle = system_actor(case.lead_agency_id), Circle.AGENCY
    log(session, who, case, kind=EntryKind.ACT, title=title, facts={"code": code}, circle=circle)


def _record(
    session: Session,
    actor: Actor,
    match: Match,
    own: list[Side],
    act: str,
    *,
    reason: str | None = None,
    **facts: str,
) -> None:
    for side in own:
        case = side.record_id if side.is_case else None
        audit.record(session, actor, act, match.id, case=case, reason=reason, **facts)


def _tell(session: Session, actor: Actor, match: Match, what: str) -> None:
    sides = _sides(session, match)
    for side, against in ((sides[0], sides[-1]), (sides[-1], sides[0])):
        if side.agency_id != actor.agency_id and not against.is_shielded:
            events.record(session, MatchTold(match.id, side.agency_id, what, side.code))
