"""Who reads the codes of a case in official systems, and the sheets to copy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor
from portal.agencies.models import Agency
from portal.cases.labels import SITUATION
from portal.cases.models import Case, CaseChild
from portal.cases.queries import readable_cases
from portal.db import AnyColumns, rows
from portal.errors import NotFound
from portal.family.models import Relation
from portal.family.queries import RelativeRow, list_relatives
from portal.people.labels import DOCUMENT, SEX, document_words
from portal.people.models import DocumentKind, Person, PersonDocument, Sex
from portal.people.queries import other_documents, sealed_texts
from portal.people.rules import age_text, full_name
from portal.personal import words
from portal.places.queries import full_name_of
from portal.registries.labels import FIELD
from portal.registries.models import OfficialCode, System
from portal.registries.rules import OF_CASE
from portal.settings import CopyField
from portal.texts import _


def visible_codes(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition under which `OfficialCode` rows are read: where identity is."""
    of_case = col(Case.id) == col(OfficialCode.case_id)
    return sa.exists().where(of_case, readable_cases(actor)).correlate(OfficialCode)


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code as the page lists it."""

    id: UUID
    person_id: UUID | None
    system: System
    name: str
    number: str
    agency: str
    recorded_at: datetime
    struck_at: datetime | None


def list_codes(session: Session, actor: Actor, case: Case) -> list[CodeRow]:
    """Return the codes of a case and its children by system; none where identity is not read."""
    statement: AnyColumns = (
        sa.select(
            col(OfficialCode.id),
            col(OfficialCode.person_id),
            col(OfficialCode.system),
            col(OfficialCode.name),
            col(OfficialCode.number),
            sa.func.coalesce(col(Agency.name), ""),
            col(OfficialCode.recorded_at),
            col(OfficialCode.struck_at),
        )
        .join(Agency, col(Agency.id) == col(OfficialCode.agency_id), isouter=True)
        .where(col(OfficialCode.case_id) == case.id, visible_codes(actor))
        .order_by(col(OfficialCode.system), col(OfficialCode.recorded_at), col(OfficialCode.id))
    )
    return [CodeRow(*row) for row in rows(session, statement)]


def get_code(session: Session, actor: Actor, case: Case, code_id: UUID) -> OfficialCode:
    """Return a code of a case; raises NotFound where it is not read."""
    code = session.scalar(
        sa.select(OfficialCode).where(
            col(OfficialCode.id) == code_id,
            col(OfficialCode.case_id) == case.id,
            visible_codes(actor),
        )
    )
    if code is None:
        raise NotFound
    return code


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a sheet to copy, of the case or of one child: labels and texts in order."""

    title: str
    fields: tuple[tuple[str, str], ...]


def sheet(
    session: Session, actor: Actor, case: Case, system: System, order: Sequence[CopyField]
) -> list[Part]:
    """Return what the form of a system asks, in its order; the reading is noted with the system.

    The caller has decided that the actor reads identity. Nothing leaves the portal by itself.
    """
    children = session.scalars(
        sa.select(Person)
        .join(CaseChild, col(CaseChild.person_id) == col(Person.id))
        .where(col(CaseChild.case_id) == case.id)
        .order_by(col(CaseChild.position))
    ).all()
    family = [row for row in list_relatives(session, actor, case) if row.is_current(clock.today())]
    codes = [row for row in list_codes(session, actor, case) if row.struck_at is None]
    audit.note_read(
        session, actor, "registries.sheet.read", case.id, case=case.id, system=system.value
    )
    mine = [row for row in codes if row.system is system]
    whole = {None: ", ".join(row.number for row in mine if row.person_id is None)}
    texts = _case_texts(case) | {CopyField.OFFICIAL_CODE: whole[None]}
    parts = [Part(_("The case"), _chosen(order, texts, [*OF_CASE, CopyField.OFFICIAL_CODE]))]
    of_child = [field for field in order if field not in OF_CASE]
    others = other_documents(session, [child.id for child in children])
    for child in children:
        numbers = ", ".join(row.number for row in mine if row.person_id == child.id)
        texts = _child_texts(session, child, family, others[child.id]) | {
            CopyField.OFFICIAL_CODE: numbers
        }
        parts.append(Part(full_name(child), _chosen(of_child, texts, of_child)))
    return parts


def _chosen(
    order: Sequence[CopyField], texts: Mapping[CopyField, Any], among: Sequence[CopyField]
) -> tuple[tuple[str, str], ...]:
    return tuple((str(FIELD[field]), words(texts[field])) for field in order if field in among)


def _case_texts(case: Case) -> dict[CopyField, Any]:
    return {
        CopyField.CODE: case.code,
        CopyField.RECEIVED: clock.local(case.received_at).strftime("%d/%m/%Y"),
        CopyField.SITUATION: SITUATION[case.situation],
        CopyField.DISTRICT: full_name_of(case.district),
        CopyField.UBIGEO: case.district,
        CopyField.SUMMARY: case.summary,
    }


def _child_texts(
    session: Session,
    child: Person,
    family: Sequence[RelativeRow],
    others: Sequence[PersonDocument],
) -> dict[CopyField, Any]:
    sealed = sealed_texts(session, child)
    around = [row for row in family if row.is_of(child.id)]
    parents = [row for row in around if row.relation in (Relation.MOTHER, Relation.FATHER)]
    return {
        CopyField.FIRST_SURNAME: child.first_surname,
        CopyField.SECOND_SURNAME: child.second_surname,
        CopyField.GIVEN_NAMES: child.given_names,
        CopyField.DOCUMENT: ""
        if child.document_kind is DocumentKind.NONE
        else DOCUMENT[child.document_kind],
        CopyField.NUMBER: child.document_number,
        CopyField.OTHER_DOCUMENTS: document_words(others),
        CopyField.BORN_ON: f"{child.born_on:%d/%m/%Y}" if child.born_on else "",
        CopyField.AGE: age_text(child, clock.today()),
        CopyField.SEX: "" if child.sex is Sex.UNKNOWN else SEX[child.sex],
        CopyField.REGISTRY_OFFICE: child.registry_office,
        CopyField.PEOPLE: child.people,
        CopyField.LANGUAGE: child.language,
        CopyField.INTERPRETER: child.interpreter_needed,
        CopyField.DISABILITY: sealed["disability"],
        CopyField.PREGNANCY: sealed["pregnancy"],
        CopyField.PARENTS: [_said(row) for row in parents],
        CopyField.CAREGIVERS: [
            _said(row) for row in around if row.is_caregiver and not row.has_died
        ],
    }


def _said(row: RelativeRow) -> str:
    return f"{full_name(row)} {row.document_number}".strip()
