"""A copy to hand over as a tagged PDF: only what was decided, third parties by their initials."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import paper, retention
from portal.agencies.queries import names_of
from portal.alerts.models import Alert, AlertChild, AlertReporter
from portal.audit.models import AuditEntry
from portal.cases.labels import CIRCLE
from portal.cases.models import Case, CaseChild, Circle
from portal.db import rows
from portal.db.sealing import opened
from portal.people.models import Person
from portal.people.rules import full_name, initials
from portal.personal import PersonExport, readable
from portal.privacy.labels import LOOK, PIECE
from portal.privacy.models import Piece
from portal.privacy.redaction import Redactor, Third, initials_of, lies_within
from portal.texts import _
from portal.users.models import User

MOST_LOOKS = 500
TABLES = {
    "portal_person": Piece.IDENTITY,
    "portal_case": Piece.SITUATION,
    "portal_case_child": Piece.SITUATION,
    "portal_alert": Piece.SITUATION,
    "portal_alert_child": Piece.SITUATION,
    "portal_alert_recipient": Piece.PARTIES,
    "portal_case_right": Piece.RIGHTS,
    "portal_case_entry": Piece.TIMELINE,
    "portal_case_term": Piece.TERMS,
    "portal_case_party": Piece.PARTIES,
    "portal_referral": Piece.REFERRALS,
    "portal_referral_child": Piece.REFERRALS,
    "portal_referral_answer": Piece.REFERRALS,
    "portal_letter": Piece.REFERRALS,
    "portal_commitment": Piece.REFERRALS,
    "portal_meeting_item": Piece.COUNCIL,
    "portal_meeting_brief": Piece.COUNCIL,
    "portal_meeting_agreement": Piece.COUNCIL,
}
RESERVED = {
    "portal_case_child": Piece.WHEREABOUTS,
    "portal_alert": Piece.WHEREABOUTS,
    "portal_case_entry": Piece.SEALED,
}
# What these tables tell carries the code of its case, so that another lead's can be left out.
CODED = frozenset(
    {
        "portal_case",
        "portal_case_child",
        "portal_case_right",
        "portal_case_entry",
        "portal_case_term",
        "portal_case_party",
    }
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What goes out: of which children, which pieces, from when until when, led by whom."""

    agency_id: UUID
    person_ids: tuple[UUID, ...]
    pieces: frozenset[Piece]
    since: date | None = None
    until: date | None = None
    thirds: tuple[str, ...] = ()


def piece_of(part: PersonExport) -> Piece:
    """Return to which piece a part of a copy belongs; a reserved one of a module is sealed."""
    if part.is_reserved:
        return RESERVED.get(part.table, Piece.SEALED)
    return TABLES.get(part.table, Piece.MODULES)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands above a copy, and its footer."""

    title: str
    agency: str
    number: str
    facts: Sequence[tuple[str, str]]
    basis: str
    printed: str


def sections(session: Session, scope: Scope) -> list[dict[str, Any]]:
    """Return the parts within a scope, third parties by their initials; what is left out is said.

    Left out besides: cases that another institution leads, and what other institutions keep to
    themselves or sealed. Who asks is sent to them.
    """
    found = []
    redactor = Redactor(_thirds(session, scope), keep=_kept(session, scope))
    for person_id in scope.person_ids:
        person = session.get_one(Person, person_id)
        cases = _cases_of(session, person_id)
        elsewhere = {case.code for case in cases if case.lead_agency_id != scope.agency_id}
        own = _OwnPieces(session, scope.agency_id)
        for part in [*retention.export_person(session, person_id), *_reporter(session, cases)]:
            piece = piece_of(part) if part.table != "portal_alert_reporter" else Piece.REPORTER
            if piece not in scope.pieces:
                continue
            if elsewhere and piece is not Piece.IDENTITY and part.table not in CODED:
                continue
            kept = [
                row
                for row in part.rows
                if elsewhere.isdisjoint(row.values())
                and own.may_give(row, part)
                and lies_within(row, scope.since, scope.until)
            ]
            if kept:
                given = redactor.row if piece is not Piece.REPORTER else dict
                found.append(
                    {
                        "title": f"{initials(person)} · {part.title}",
                        "rows": [list(given(row).items()) for row in kept],
                    }
                )
    return found


class _OwnPieces:
    """What of the timeline is the institution's to give: not what others keep to themselves."""

    def __init__(self, session: Session, agency_id: UUID) -> None:
        self.name = names_of(session, {agency_id})[agency_id]

    def may_give(self, row: Any, part: PersonExport) -> bool:
        """Tell whether a row was written by the institution, or for others to read."""
        if part.table != "portal_case_entry":
            return True
        narrow = row.get(_("Who can read it")) in (
            str(CIRCLE[Circle.AGENCY]),
            str(CIRCLE[Circle.SEALED]),
        )
        return not narrow or row.get(_("Institution")) == self.name


def _cases_of(session: Session, person_id: UUID) -> Sequence[Case]:
    statement = (
        sa.select(Case)
        .join(CaseChild, col(CaseChild.case_id) == col(Case.id))
        .where(col(CaseChild.person_id) == person_id)
    )
    return session.scalars(statement).all()


def _reporter(session: Session, cases: Collection[Case]) -> list[PersonExport]:
    """Return who told it: no room gives that out, so it is read here where an order names it."""
    statement = (
        sa.select(AlertReporter, Alert)
        .join(Alert, col(Alert.id) == col(AlertReporter.alert_id))
        .where(col(Alert.case_id).in_([case.id for case in cases]))
    )
    table = "portal_alert_reporter"
    told = [
        readable(
            (_("Alert"), alert.code),
            (
                _("Who told it"),
                opened(session, alert.id, table, "name_sealed", each.id, each.name_sealed),
            ),
        )
        for each, alert in rows(session, statement)
    ]
    return [PersonExport(table=table, title=PIECE[Piece.REPORTER], rows=told, is_reserved=True)]


def _thirds(session: Session, scope: Scope) -> list[Third]:
    """Return who must not be named: siblings, the people who work here, whoever was entered."""
    own = sa.select(col(CaseChild.case_id)).where(col(CaseChild.person_id).in_(scope.person_ids))
    alert = sa.select(col(AlertChild.alert_id)).where(
        col(AlertChild.person_id).in_(scope.person_ids)
    )
    siblings = session.scalars(
        sa.select(Person).where(
            sa.or_(
                col(Person.id).in_(
                    sa.select(col(CaseChild.person_id)).where(col(CaseChild.case_id).in_(own))
                ),
                col(Person.id).in_(
                    sa.select(col(AlertChild.person_id)).where(col(AlertChild.alert_id).in_(alert))
                ),
            ),
            col(Person.id).not_in(scope.person_ids),
        )
    ).all()
    staff = session.scalars(sa.select(col(User.name))).all()
    own_names = [
        Third(each.given_names, f"{each.first_surname} {each.second_surname}", goes_by_given=True)
        for each in siblings
    ]
    return own_names + [Third(name.strip()) for name in [*staff, *scope.thirds]]


def _kept(session: Session, scope: Scope) -> list[str]:
    people = session.scalars(sa.select(Person).where(col(Person.id).in_(scope.person_ids)))
    return [full_name(person) for person in people]


def looks(session: Session, scope: Scope) -> list[dict[str, Any]]:
    """Return who looked at the cases, for the person's copy: day, institution, how, initials."""
    own = sa.select(col(CaseChild.case_id)).where(col(CaseChild.person_id).in_(scope.person_ids))
    statement = (
        sa.select(
            col(AuditEntry.at),
            col(AuditEntry.action),
            col(AuditEntry.agency_id),
            sa.func.coalesce(col(User.name), ""),
            col(Case.code),
        )
        .join(Case, col(Case.id) == col(AuditEntry.case_id))
        .join(User, col(User.id) == col(AuditEntry.user_id), isouter=True)
        .where(
            col(AuditEntry.case_id).in_(own),
            col(Case.lead_agency_id) == scope.agency_id,
            col(AuditEntry.action).in_(LOOK),
        )
        .order_by(col(AuditEntry.at).desc())
        .limit(MOST_LOOKS)
    )
    found = rows(session, statement)
    names = names_of(session, {row[2] for row in found if row[2]})
    told = [
        list(
            readable(
                (_("When"), at),
                (_("Case"), code),
                (_("Institution"), names.get(agency_id, "") if agency_id else ""),
                (_("What"), LOOK[action]),
                (_("Who"), initials_of(name)),
            ).items()
        )
        for at, action, agency_id, name, code in found
    ]
    return [{"title": _("Who looked, the latest first"), "rows": told}] if told else []


def draw(sheet: Sheet, parts: Sequence[dict[str, Any]]) -> bytes:
    """Return a copy as a PDF; every page says who made it, for whom, when, under which number."""
    return paper.draw(
        "copy.typ",
        {
            "title": sheet.title,
            "agency": sheet.agency,
            "number": sheet.number,
            "facts": [list(fact) for fact in sheet.facts],
            "basis": sheet.basis,
            "printed": sheet.printed,
            "page": _("page"),
            "nothing": _("Nothing is held within what was asked."),
            "parts": list(parts),
        },
    )
