"""The history of a case as one reader may read it: what paper and data are both made from.

Everything comes from the queries of the contexts, under the reader's own visibility: what a page
would not show is not here. Left out besides, as it is everywhere: where a child in care is, where a
protected caregiver is, who told it. The document that `history` returns is described, field by
field, in `docs/history.md`; its form is versioned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, host
from portal.actor import Actor
from portal.agencies.queries import names_of
from portal.cases.closing import ClosingRow, list_closings
from portal.cases.labels import entry_title
from portal.cases.models import Case, Circle, Entry
from portal.cases.queries import (
    EntryRow,
    access_to_act,
    children_of,
    get_case,
    list_children,
    list_entries,
    list_parties,
    list_right_steps,
    list_rights,
    list_terms,
    must_act,
)
from portal.cases.rules import Access
from portal.cases.timeline import open_sealed
from portal.commitments.models import Commitment
from portal.commitments.queries import visible_commitments
from portal.copies.plans import tell_plans
from portal.deadlines import rules
from portal.documents.models import Document
from portal.documents.queries import DocumentRow, Lying, file_of, list_for_case
from portal.duties.queries import list_for_case as duties_of
from portal.family.queries import list_relatives
from portal.followups.queries import list_for_case as list_followups
from portal.followups.queries import list_visits
from portal.interviews.queries import list_for_case as interviews_of
from portal.people.rules import Named, full_name
from portal.places.queries import full_name_of
from portal.referrals.models import Referral
from portal.referrals.queries import list_answers, visible_referrals
from portal.texts import _

SCHEMA = "articula-history/1"
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Attached:
    """A document's file as it goes into a ZIP: its name there, without a person's, and the file."""

    name: str
    lying: Lying


@dataclass(slots=True)
class Gathered:
    """What a reader may take: the data, the files that belong to it, the sealed entries opened."""

    case: Case
    access: Access
    data: dict[str, Any]
    named: list[Named]
    files: list[Attached] = field(default_factory=list)
    unsealed: list[UUID] = field(default_factory=list)


def history(session: Session, actor: Actor, case_id: UUID, *, with_sealed: bool) -> Gathered:
    """Return the history of a case as the actor reads it, oldest first.

    With `with_sealed` also the sealed pieces that name the actor or are the actor's own; without
    it they stand there as restricted, and others' always do. Raises NotFound where the case is not
    visible, Forbidden where it is open for reading only: what leaves the portal is taken by an
    institution that is on the case.
    """
    case = get_case(session, actor, case_id)
    access = access_to_act(session, actor, case)
    must_act(access)
    found = Gathered(case, access, {}, _named(session, actor, case, access))
    documents = [
        row
        for row in list_for_case(session, actor, case, access)
        if with_sealed or row.circle is not Circle.SEALED
    ]
    found.files = [_attached(session, actor, row) for row in reversed(documents)]
    conclusions = list(reversed(list_closings(session, actor, case)))
    found.data = _plain(
        {
            "schema": SCHEMA,
            "case": _head(case, access, conclusions),
            "conclusions": [_conclusion(row) for row in conclusions],
            "followups": _followups(session, actor, case),
            "children": _children(session, actor, case),
            "family": _family(session, actor, case) if access.reads_all else [],
            "institutions": _parties(session, actor, case, access),
            "rights": _rights(session, actor, case, access),
            "terms": _terms(session, actor, case) if access.reads_terms else [],
            "notices": _notices(session, actor, case) if access.works_on_all else [],
            "interviews": _interviews(session, actor, case),
            "referrals": _referrals(session, actor, case),
            "commitments": _commitments(session, actor, case),
            "plans": tell_plans(session, actor, case),
            "timeline": _timeline(session, actor, found, with_sealed=with_sealed),
            "documents": _documents(reversed(documents), found.files),
            "left_out": _left_out(session, actor),
        }
    )
    return found


def _named(session: Session, actor: Actor, case: Case, access: Access) -> list[Named]:
    """Return whom a history without names reduces to initials: the children and their family."""
    if not access.reads_all:
        return []
    return [*children_of(session, [case.id])[case.id], *list_relatives(session, actor, case)]


def _head(case: Case, access: Access, conclusions: Sequence[ClosingRow]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "code": case.code,
        "status": case.status,
        "priority": case.priority,
        "district": full_name_of(case.district),
        "level": access.level,
    }
    if access.leads:
        told["file_number"] = f"{case.serial}-{case.serial_year}"
    if access.reads_terms:
        told |= {"stage": _(case.stage) if case.stage else "", "measure": case.measure}
    if access.reads_all:
        told |= {
            "situation": case.situation,
            "groups": case.known_groups,
            "summary": case.summary,
            "received_at": case.received_at,
            "opened_at": case.opened_at,
            "closed_at": case.closed_at,
            "outcome": conclusions[-1].explanation if conclusions and not case.is_open else "",
        }
    return told


def _conclusion(row: ClosingRow) -> dict[str, Any]:
    return {
        "at": row.at,
        "by": row.by,
        "resolution": row.document,
        "dated": row.dated,
        "basis": row.basis,
        "explanation": row.explanation,
        "children": [
            {
                "child": child.person_id,
                "ending": child.ending,
                "returned_on": child.since,
                "rights_not_restored": list(child.lacking),
                "not_restored_because": child.lacking_reason,
            }
            for child in row.children
        ],
        "reopened_at": row.reopened_at,
        "reopened_by": row.reopened_by,
        "reopened_because": row.reopen_reason,
        "closed_by_mistake": row.by_mistake,
    }


def _followups(session: Session, actor: Actor, case: Case) -> list[dict[str, Any]]:
    """Return what followed each return, with its visits, the oldest first."""
    found = sorted(list_followups(session, actor, case), key=lambda row: (row.returned_on, row.id))
    if not found:
        return []
    audit.note_read(session, actor, "followups.followup.list", case.id)
    visits = list(reversed(list_visits(session, actor, case)))
    return [
        {
            "child": row.person_id,
            "returned_on": row.returned_on,
            "until": row.ends_on,
            "counted": row.explanation,
            "next_visit_on": row.next_on,
            "ended_at": row.ended_at,
            "end": row.end,
            "ended_because": row.words,
            "visits": [
                {
                    "on": visit.happened_on,
                    "finding": visit.finding,
                    "found": visit.found,
                    "by": visit.by,
                    "is_struck": visit.is_struck,
                }
                for visit in visits
                if visit.followup_id == row.id
            ],
        }
        for row in found
    ]


def _left_out(session: Session, actor: Actor) -> list[dict[str, str]]:
    """Return the modules that may keep records of the case which are not part of its history.

    What they tell the case stands on its timeline; no hook gives their records to a reader.
    """
    on = host.modules_on(session, actor.agency_id)
    names = {slug: str(host.current().name_of(slug)) for slug in on}
    return [{"module": slug, "name": names[slug]} for slug in sorted(on, key=names.__getitem__)]


def _children(session: Session, actor: Actor, case: Case) -> list[dict[str, Any]]:
    return [
        {
            "id": child.person_id,
            "name": child.label,
            "initials": child.initials,
            "age": child.age_text,
            "sex": child.sex,
            "placement": child.placement,
        }
        for child in list_children(session, actor, case)
    ]


def _family(session: Session, actor: Actor, case: Case) -> list[dict[str, Any]]:
    return [
        {
            "name": full_name(row),
            "relation": row.relation,
            "is_caregiver": row.is_caregiver,
            "lives_with_the_children": row.lives_with,
            "since": row.since,
            "until": row.until,
            "struck_at": row.struck_at,
        }
        for row in list_relatives(session, actor, case)
    ]


def _parties(session: Session, actor: Actor, case: Case, access: Access) -> list[dict[str, Any]]:
    return [
        {
            "name": row.name,
            "kind": row.kind,
            "level": row.level,
            "legal_basis": row.legal_basis,
            "since": row.since,
            "until": row.until,
        }
        for row in list_parties(session, actor, case, access)
    ]


def _rights(session: Session, actor: Actor, case: Case, access: Access) -> list[dict[str, Any]]:
    told = []
    for person_id, strip in list_rights(session, actor, case, access).items():
        for row in strip:
            steps = list_right_steps(session, actor, case, person_id=person_id, right=row.right)
            told.append(
                {
                    "child": person_id,
                    "right": row.right,
                    "state": row.state,
                    "since": row.since,
                    "institution": row.agency,
                    "next_step": row.next_step,
                    "evidence": row.evidence,
                    "before": [
                        {
                            "at": step.at,
                            "state": step.state,
                            "institution": step.agency,
                            "next_step": step.next_step,
                            "evidence": step.evidence,
                            "author": step.author,
                        }
                        for step in reversed(steps)
                    ],
                }
            )
    return told


def _terms(session: Session, actor: Actor, case: Case) -> list[dict[str, Any]]:
    found = sorted(list_terms(session, actor, case), key=lambda row: (row.starts_at, row.id))
    return [
        {
            "rule": row.rule_code,
            "title": _rule_title(row.rule_code, row.starts_at),
            "owed_by": row.agency,
            "starts_at": row.starts_at,
            "due_on": row.due_on,
            "status": row.status,
            "ended_at": row.ended_at,
            "late_reason": row.late_reason,
        }
        for row in found
    ]


def _rule_title(code: str, starts_at: datetime) -> str:
    return str(rules.known(code, clock.local(starts_at).date()).title)


def _notices(session: Session, actor: Actor, case: Case) -> list[dict[str, Any]]:
    return [
        {
            "sign": row.sign,
            "title": str(row.rule.title),
            "basis": row.rule.source,
            "status": row.status,
            "addressee": row.addressee,
            "due_on": row.due_on,
            "sent_at": row.sent_at,
            "confirmed_at": row.confirmed_at,
            "not_told_because": row.refusal,
        }
        for row in duties_of(session, actor, case)
    ]


def _interviews(session: Session, actor: Actor, case: Case) -> list[dict[str, Any]]:
    found = sorted(interviews_of(session, actor, case), key=lambda row: (row.heard_on, row.id))
    return [
        {
            "child": row.person_id,
            "kind": row.kind,
            "heard_on": row.heard_on,
            "heard_by": row.agency,
            "subject": row.subject,
            "report": row.report,
            "report_kept_by": row.holder,
            "struck_at": row.struck_at,
        }
        for row in found
    ]


def _referrals(session: Session, actor: Actor, case: Case) -> list[dict[str, Any]]:
    found = session.scalars(
        sa.select(Referral)
        .where(col(Referral.case_id) == case.id, visible_referrals(actor))
        .order_by(col(Referral.sent_at), col(Referral.id))
    ).all()
    if found:
        audit.note_read(session, actor, "referrals.referral.list", *[row.id for row in found])
    names = _agencies(session, [(row.from_agency_id, row.to_agency_id) for row in found])
    return [
        {
            "from": names[row.from_agency_id],
            "to": names[row.to_agency_id],
            "right": row.right,
            "asked": row.asked,
            "status": row.status,
            "sent_at": row.sent_at,
            "due_on": row.due_on,
            "opened_at": row.opened_at,
            "receiver_number": row.receiver_number,
            "returned_because": row.return_words,
            "answers": [
                {
                    "at": answer.at,
                    "by": answer.agency,
                    "answer": answer.answer,
                    "document": answer.document,
                    "outcome": answer.outcome,
                    "is_partial": answer.is_partial,
                }
                for answer in list_answers(session, row)
            ],
        }
        for row in found
    ]


def _commitments(session: Session, actor: Actor, case: Case) -> list[dict[str, Any]]:
    found = session.scalars(
        sa.select(Commitment)
        .where(col(Commitment.case_id) == case.id, visible_commitments(actor))
        .order_by(col(Commitment.created_at), col(Commitment.id))
    ).all()
    if found:
        audit.note_read(session, actor, "commitments.commitment.list", *[row.id for row in found])
    names = _agencies(session, [(row.agency_id, row.verifier_id) for row in found])
    return [
        {
            "owed_by": names[row.agency_id],
            "act": row.act,
            "status": row.status,
            "source": row.source,
            "first_due_on": row.first_due_on,
            "due_on": row.due_on,
            "evidence": row.words,
            "document": row.document,
            "verified_by": names[row.verifier_id] if row.verifier_id else "",
            "verdict": row.verdict,
        }
        for row in found
    ]


def _agencies(session: Session, ids: Sequence[tuple[UUID | None, ...]]) -> Mapping[UUID, str]:
    return names_of(session, {each for pair in ids for each in pair if each})


def _timeline(
    session: Session, actor: Actor, found: Gathered, *, with_sealed: bool
) -> list[dict[str, Any]]:
    """Return every visible entry, the oldest first; a restricted one without its text."""
    told: list[dict[str, Any]] = []
    before: tuple[datetime, UUID] | None = None
    while part := list_entries(session, actor, found.case, before=before, limit=AT_ONCE):
        told += [_entry(session, actor, found, row, with_sealed=with_sealed) for row in part]
        before = part[-1].happened_at, part[-1].id
    told.reverse()
    return told


def _entry(
    session: Session, actor: Actor, found: Gathered, row: EntryRow, *, with_sealed: bool
) -> dict[str, Any]:
    text, why = row.text, row.strike_reason
    is_opened = with_sealed and row.may_open
    if row.circle is Circle.SEALED:
        text, why = "", why if is_opened else ""
    if is_opened:
        text = open_sealed(session, actor, found.case, session.get_one(Entry, row.id))
        found.unsealed.append(row.id)
    return {
        "id": row.id,
        "kind": row.kind,
        "circle": row.circle,
        "is_withheld": row.circle is Circle.SEALED and not is_opened,
        "happened_at": row.happened_at,
        "recorded_at": row.recorded_at,
        "title": entry_title(row.title, row.facts),
        "text": text,
        "author": row.author,
        "institution": row.agency,
        "corrects": row.corrects_id,
        "struck_at": row.struck_at,
        "struck_because": why,
    }


def _attached(session: Session, actor: Actor, row: DocumentRow) -> Attached:
    document = session.get_one(Document, row.id)
    lying = file_of(session, document, row.number)
    day = clock.local(row.recorded_at).date().isoformat()
    audit.note_read(session, actor, "documents.document.read", row.id, case=document.case_id)
    return Attached(f"{day}-{row.id.hex[-6:]}-v{row.number}.{lying.format}", lying)


def _documents(listed: Any, files: Sequence[Attached]) -> list[dict[str, Any]]:
    return [
        {
            "id": row.id,
            "title": row.title,
            "filed_at": row.recorded_at,
            "institution": row.agency,
            "author": row.author,
            "version": row.number,
            "format": row.format,
            "size": row.size,
            "sha256": each.lying.sha256,
            "struck_at": row.struck_at,
            "hangs_on": {"kind": row.piece, "id": row.piece_id},
            "file": f"files/{each.name}",
        }
        for row, each in zip(listed, files, strict=True)
    ]


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it: moments with their zone (Lima), days, codes, texts."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return clock.local(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, UUID) else value
