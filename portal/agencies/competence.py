"""Which authority is competent for a child, from the district and the situation (DL 1297 art. 11).

Accreditations and coverage are data with dates: a change acts on proposals from its date on, never
on cases already begun.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.actor import AgencyKind
from portal.agencies.models import Accreditation, Agency, Coverage
from portal.agencies.queries import is_working
from portal.db import rows
from portal.texts import Said, msgid

RISK, UNPROTECTION, UNDECIDED = "risk", "unprotection", "undecided"
PROVINCE = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """An authority that may be competent in a district, as of a day."""

    id: UUID
    name: str
    kind: AgencyKind
    district: str | None
    is_accredited: bool
    covers: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """The competent authority and why: sentences with their article. None where nobody is known."""

    agency_id: UUID | None
    agency: str
    why: tuple[Said, ...]


def candidates(session: Session, district: str, day: date) -> list[Candidate]:
    """Return UPE, DEMUNA and courts that have to do with a district on a day, in one statement."""
    province = district[:PROVINCE]
    accredited = sa.exists().where(
        col(Accreditation.agency_id) == col(Agency.id), _in_force(Accreditation, day)
    )
    covers = sa.exists().where(
        col(Coverage.agency_id) == col(Agency.id),
        col(Coverage.province) == province,
        _in_force(Coverage, day),
    )
    statement = (
        sa.select(
            col(Agency.id),
            col(Agency.name),
            col(Agency.kind),
            col(Agency.district),
            accredited,
            covers,
        )
        .where(
            is_working(day),
            sa.or_(col(Agency.operates_from).is_(None), col(Agency.operates_from) <= day),
            col(Agency.kind).in_([AgencyKind.UPE, AgencyKind.DEMUNA, AgencyKind.COURT]),
            sa.or_(covers, col(Agency.district).startswith(province)),
        )
        .order_by(col(Agency.name))
    )
    return [Candidate(*row) for row in rows(session, statement)]


def _in_force(table: Any, day: date) -> sa.ColumnElement[bool]:
    return sa.and_(table.since <= day, sa.or_(table.until.is_(None), table.until > day))


def propose(session: Session, situation: str, district: str, day: date | None = None) -> Proposal:
    """Propose the competent authority for a situation in a district on a day (today)."""
    on = day or clock.today()
    return choose(situation, district, candidates(session, district, on))


def choose(situation: str, district: str, known: Collection[Candidate]) -> Proposal:
    """Choose among the candidates; pure.

    Riesgo: the district's accredited DEMUNA (DL 11.1; an accredited provincial one covers only its
    own district, DS 005-2019-MIMP 29.4), else the UPE (DL 1st DCT), else the DEMUNA even if not
    accredited (R 4th DCT). Desprotección: the UPE (R 10–11), else the family or mixed court (DL 1st
    DCT; R 1st, 6th DCT). Undecided goes to whoever is competent there for desprotección.
    """
    upe = next((each for each in known if each.kind is AgencyKind.UPE and each.covers), None)
    court = _court(known, district)
    demuna = next(
        (each for each in known if each.kind is AgencyKind.DEMUNA and each.district == district),
        None,
    )
    if situation == RISK:
        return _for_risk(upe, demuna)
    undecided = msgid("It is not decided yet: whoever is competent for unprotection there decides.")
    told = (Said(undecided),) if situation == UNDECIDED else ()
    if upe is not None:
        text = msgid(
            "%(name)s is competent for unprotection in this province (DL 1297 art. 11; R 10)."
        )
        return Proposal(upe.id, upe.name, (*told, Said(text, {"name": upe.name})))
    no_upe = Said(msgid("No Special Protection Unit covers this province."))
    if court is not None:
        text = msgid(
            "The family or mixed court acts in its place (DL 1297, 1st transitory provision)."
        )
        return Proposal(court.id, court.name, (*told, no_upe, Said(text)))
    unknown = Said(msgid("Its court is not in the portal: choose by hand."))
    return Proposal(None, "", (*told, no_upe, unknown))


def _for_risk(upe: Candidate | None, demuna: Candidate | None) -> Proposal:
    if demuna is not None and demuna.is_accredited:
        text = msgid("%(name)s is accredited in the child's district (DL 1297 art. 11.1).")
        return Proposal(demuna.id, demuna.name, (Said(text, {"name": demuna.name}),))
    none = Said(msgid("The district has no accredited DEMUNA."))
    if upe is not None:
        text = msgid("%(name)s takes the risk cases (DL 1297, 1st transitory provision).")
        return Proposal(upe.id, upe.name, (none, Said(text, {"name": upe.name})))
    if demuna is not None:
        text = msgid(
            "No Special Protection Unit covers the province; %(name)s acts even without "
            "accreditation and may not refuse for lack of it (R, 4th transitory provision; "
            "DS 005-2019-MIMP arts. 29.4–29.5)."
        )
        return Proposal(demuna.id, demuna.name, (none, Said(text, {"name": demuna.name})))
    unknown = Said(msgid("Its DEMUNA is not in the portal: choose by hand."))
    return Proposal(None, "", (none, unknown))


def _court(known: Collection[Candidate], district: str) -> Candidate | None:
    """Return the court entered as competent for the province, else the nearest one in it."""
    courts = [each for each in known if each.kind is AgencyKind.COURT]
    courts.sort(key=lambda each: (not each.covers, each.district != district))
    return next(iter(courts), None)
