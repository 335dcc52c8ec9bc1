"""Institutions on a case: on what norm, until when, changed, and warned of before they end."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor, AgencyKind
from portal.agencies.queries import get_agency
from portal.cases import worklist
from portal.cases.events import PartyAdded, PartyEnding
from portal.cases.models import Case, CaseParty, Circle, EntryKind, Level
from portal.cases.parties import add_party
from portal.cases.timeline import log
from portal.cases.visibility import is_current, open_for
from portal.errors import Conflict, Invalid, NotFound, Problem
from portal.sharing import norms
from portal.sharing.inputs import ChangeParty, ShareWith
from portal.texts import _, _l, msgid

PAST = _l("Choose a day to come: it is the last one on which the institution is on the case.")


def share_with(session: Session, actor: Actor, case_id: UUID, given: ShareWith) -> CaseParty:
    """Bring an institution onto a case on a legal basis, until the end of a day or open.

    Raises Invalid without a basis, or for a day that has passed.
    """
    return add_party(
        session,
        actor,
        case_id,
        agency_id=given.agency_id,
        level=given.level,
        legal_basis=_basis(given.norm, given.words),
        until=end_of(given.until),
    )


def change_party(
    session: Session, actor: Actor, case_id: UUID, *, party_id: UUID, given: ChangeParty
) -> CaseParty:
    """Change an institution's level, basis or last day: by the lead.

    Raises NotFound for one that is not on the case, Conflict for the lead itself.
    """
    case = open_for(session, actor, case_id, Level.LEAD)
    party = session.scalar(
        sa.select(CaseParty).where(
            col(CaseParty.id) == party_id, col(CaseParty.case_id) == case.id, is_current()
        )
    )
    if party is None:
        raise NotFound
    if party.level is Level.LEAD:
        raise Conflict(_l("A case has one institution in charge; transfer it instead."))
    if given.level is Level.LEAD:
        raise Invalid(Problem("level", _l("Choose one from the list.")))
    until = end_of(given.until)
    before = party.level
    if until != party.until:
        party.reminded_at = None
    party.level, party.until = given.level, until
    party.legal_basis = _basis(given.norm, given.words)
    worklist.rewrite(session, case)
    audit.record(
        session,
        actor,
        "cases.party.change",
        party.id,
        case=case.id,
        agency=str(party.agency_id),
        level=party.level.value,
        until=until.isoformat() if until else "",
    )
    log(
        session,
        actor,
        case,
        kind=EntryKind.PARTY,
        title=msgid("Access of %(agency)s changed: %(level)s"),
        facts={"agency": get_agency(session, party.agency_id).name, "level": party.level.value},
        circle=Circle.TEAM,
    )
    if party.level is not before:
        events.record(session, PartyAdded(case.id, party.agency_id, party.level.value))
    return party


def _basis(code: str, words: str) -> str:
    norm = norms.find(code, clock.today()) if code else None
    parts = [norm.citation if norm else "", words]
    text = ". ".join(part for part in parts if part)
    if not text:
        raise Invalid(Problem("norm", _l("Choose the norm, or write the basis in your own words.")))
    return text[:200]


def end_of(day: date | None) -> datetime | None:
    """Return the first moment after a day in Lima; raises Invalid for a day that has passed."""
    if day is None:
        return None
    if day < clock.today():
        raise Invalid(Problem("until", PAST))
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=clock.LIMA)


def warn_of_ends(session: Session, within: timedelta) -> None:
    """Tell the leads of institutions whose last day comes within some time; once for each end."""
    now = clock.now()
    ending = session.execute(
        sa.select(CaseParty, col(Case.lead_agency_id))
        .join(Case, col(Case.id) == col(CaseParty.case_id))
        .where(
            is_current(),
            col(CaseParty.until) <= now + within,
            col(CaseParty.reminded_at).is_(None),
        )
    ).all()
    for party, lead_id in ending:
        party.reminded_at = now
        events.record(session, PartyEnding(party.case_id, party.id, lead_id))


# What an institution of a level reads, in words for whoever decides.
READS: dict[Level, tuple[Any, ...]] = {
    Level.TEAM: (
        _l("Names, contact and situation of the children"),
        _l("Measures, rights, running terms and the timeline but what is restricted"),
        _l("It may write, refer to others and bring collaborators"),
    ),
    Level.INFORMED: (
        _l("Code, initials, age, district, priority and who is in charge"),
        _l("What is addressed to it: its referrals and commitments, with the data ticked there"),
        _l("Entries for all institutions of the case"),
    ),
}
SUPERVISES = _l("Besides: stage, running terms and how what was asked stands, without names")
CARES = _l("Besides: inside the place, first names of the children who live there")
HEALTH = _l("Ask for the data that it needs by a referral: names, and the caregiver's telephone")
BY_KIND = {
    AgencyKind.DEFENSORIA: SUPERVISES,
    AgencyKind.CARE_HOME: CARES,
    AgencyKind.HEALTH: HEALTH,
    AgencyKind.CIVIL_REGISTRY: _l("Ask by a referral: names and birth data go with it"),
    AgencyKind.PRISON: _l("Ask by a referral about the parent: the child is not named"),
}


def reads(level: Level, kind: AgencyKind | None) -> list[str]:
    """Return what an institution of a kind will read at a level, line by line."""
    lines = [str(line) for line in READS[level]]
    if level is Level.INFORMED and kind in BY_KIND:
        lines.append(str(BY_KIND[kind]))
    return lines


def norm_choices(day: date, kind: AgencyKind | None) -> list[tuple[str, str]]:
    """Return the norms in force as choices: what it is for, and its citation."""
    return [
        (norm.code, _("%(title)s (%(citation)s)", title=norm.title, citation=norm.citation))
        for norm in norms.in_force(day, kind)
    ]
