"""Copies to hand over: asked for, drawn by the worker once the trail holds it, fetched once."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import flask_babel
import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.actor import Actor, Role
from portal.agencies.models import Agency
from portal.audit.models import AuditLink
from portal.cases.models import Case
from portal.db import beside, rows
from portal.db.sealing import seal, unseal
from portal.errors import Conflict, NotFound, TooMany
from portal.privacy import labels
from portal.privacy.models import (
    Decision,
    ExportFile,
    ExportState,
    LegalOrder,
    Piece,
    SubjectRequest,
)
from portal.privacy.rules import new_reference
from portal.privacy.sheets import Scope, Sheet, draw, looks, sections
from portal.texts import _, _l, day_text, moment_text
from portal.users.models import User

TABLE = "portal_privacy_export"
JOB = "privacy.draw_copy"
KEPT = timedelta(minutes=15)
DAY = timedelta(days=1)
TRY_AGAIN = timedelta(seconds=1)
PAGE = 50


def must_be_granted(source: LegalOrder | SubjectRequest) -> None:
    """Raise Conflict where nothing was granted; the page that asks for a copy asks this first."""
    if source.decision is not Decision.GRANTED:
        raise Conflict(_l("Nothing was granted: no copy can be made."))


def make_copy(
    session: Session, actor: Actor, source: LegalOrder | SubjectRequest, *, per_day: int
) -> ExportFile:
    """Ask for the copy of an order or request that was granted; the worker draws it.

    Its entry in the trail is linked in the chain before anything is drawn (SECURITY 5.9). Raises
    Conflict where it was not granted, TooMany where the person made so many within a day.
    """
    must_be_granted(source)
    if actor.user_id is None:
        raise NotFound
    _check_day(session, actor.user_id, per_day)
    number = new_reference("E")
    entry = audit.record(
        session,
        actor,
        "privacy.export.make",
        source.id,
        case=source.case_id,
        number=number,
        pieces=list(source.pieces),
    )
    is_order = isinstance(source, LegalOrder)
    made = ExportFile(
        number=number,
        order_id=source.id if is_order else None,
        request_id=None if is_order else source.id,
        owner_id=actor.user_id,
        agency_id=source.agency_id,
        entry_id=entry.id,
        made_at=clock.now(),
    )
    session.add(made)
    session.flush()
    events.add_job(session, JOB, {"export": str(made.id)})
    return made


def _check_day(session: Session, user_id: UUID, per_day: int) -> None:
    """Go on only where the person has made fewer copies than so many within 24 hours.

    Raises TooMany: a stolen or a careless account does not carry a whole institution away.
    """
    made = session.scalar(
        sa.select(sa.func.count()).where(
            col(ExportFile.owner_id) == user_id, col(ExportFile.made_at) > clock.now() - DAY
        )
    )
    if (made or 0) >= per_day:
        raise TooMany(
            _l("You have made as many copies as one may in a day. A colleague can make this one.")
        )


def draw_copy(session: Session, payload: dict[str, Any]) -> None:
    """Draw a copy that waits, once its entry is linked; the work of the job."""
    export_id = UUID(payload["export"])
    # Read and drawn on a session of its own, so that the writer's lock is not held meanwhile.
    with beside(session) as reading:
        made = reading.get(ExportFile, export_id)
        if made is None or made.state is not ExportState.WAITING:
            return
        linked = reading.scalar(
            sa.select(sa.exists().where(col(AuditLink.entry_id) == made.entry_id))
        )
        content = _drawn(reading, made) if linked else b""
    if not linked:
        events.add_job(session, JOB, payload, due_at=clock.now() + TRY_AGAIN)
        return
    made = session.get_one(ExportFile, export_id)
    text = base64.b64encode(content).decode()
    made.content_sealed = seal(session, made.id, TABLE, "content_sealed", made.id, text)
    made.state, made.ready_at = ExportState.READY, clock.now()


def _drawn(session: Session, made: ExportFile) -> bytes:
    """Return the copy as a PDF in Spanish: what leaves the portal is for people of this country."""
    with flask_babel.force_locale("es"):
        order = session.get(LegalOrder, made.order_id) if made.order_id else None
        if order is not None:
            scope = scope_of(session, order)
            return draw(_sheet_of_order(session, made, order), sections(session, scope))
        request = session.get_one(SubjectRequest, made.request_id)
        scope = scope_of(session, request)
        parts = [*sections(session, scope), *looks(session, scope)]
        return draw(_sheet_of_request(session, made, request), parts)


def scope_of(session: Session, source: LegalOrder | SubjectRequest) -> Scope:
    """Return what an order or a request lets out."""
    names: list[str] = []
    if source.names_sealed:
        table = str(source.__tablename__)
        cell = source.names_sealed
        names = json.loads(unseal(session, source.id, table, "names_sealed", source.id, cell))
    pieces = frozenset(Piece(each) for each in source.pieces)
    if isinstance(source, SubjectRequest):
        return Scope(source.agency_id, (source.person_id,), pieces, thirds=tuple(names))
    children = tuple(UUID(each) for each in source.person_ids)
    return Scope(
        source.agency_id, children, pieces, source.since, source.until, thirds=tuple(names)
    )


def _sheet_of_order(session: Session, made: ExportFile, order: LegalOrder) -> Sheet:
    facts = [
        (_("Asked by"), order.authority),
        (_("Number of the order"), order.order_number),
        (_("Dated"), day_text(order.dated) if order.dated else ""),
        *_common(session, order),
    ]
    if order.since or order.until:
        days = [day_text(each) if each else "…" for each in (order.since, order.until)]
        facts.append((_("From when until when"), " – ".join(days)))
    return _sheet(session, made, _("Copy by order of an authority"), facts)


def _sheet_of_request(session: Session, made: ExportFile, request: SubjectRequest) -> Sheet:
    facts = [
        (_("Request"), request.number),
        (_("Asked by"), str(labels.STANDING[request.standing])),
        (_("Received on"), day_text(clock.local(request.received_at).date())),
        *_common(session, request),
    ]
    return _sheet(session, made, _("Data that are held of a person"), facts)


def _common(session: Session, source: LegalOrder | SubjectRequest) -> list[tuple[str, str]]:
    case = session.get_one(Case, source.case_id)
    given = ", ".join(str(labels.PIECE[Piece(each)]) for each in source.pieces)
    return [(_("Case"), case.code), (_("What is handed over"), given)]


def _sheet(
    session: Session, made: ExportFile, title: str, facts: Sequence[tuple[str, str]]
) -> Sheet:
    agency = session.get_one(Agency, made.agency_id).name
    owner = session.get_one(User, made.owner_id).name
    return Sheet(
        title=title,
        agency=agency,
        number=made.number,
        facts=facts,
        basis=_(
            "Third parties stand by their initials. What other institutions keep is asked of them. "
            "Confidential: Ley 29733 arts. 13 and 17; DL 1297 art. 5.i; Código de los Niños y "
            "Adolescentes art. 6."
        ),
        printed=_(
            "Made by %(name)s, %(agency)s, %(moment)s",
            name=owner,
            agency=agency,
            moment=moment_text(clock.local(made.made_at)),
        ),
    )


def get_copy(session: Session, actor: Actor, export_id: UUID) -> ExportFile:
    """Return a copy to its maker, acting for the same institution; raises NotFound."""
    made = session.scalar(
        sa.select(ExportFile).where(
            col(ExportFile.id) == export_id,
            col(ExportFile.owner_id) == actor.user_id,
            col(ExportFile.agency_id) == actor.agency_id,
        )
    )
    if made is None:
        raise NotFound
    return made


def ends_at(made: ExportFile) -> datetime | None:
    """Return until when a copy that is ready stays here."""
    return made.ready_at + KEPT if made.ready_at else None


def fetch_copy(session: Session, actor: Actor, export_id: UUID) -> bytes:
    """Return the file to its maker and delete it here; raises Conflict where it is gone."""
    made = get_copy(session, actor, export_id)
    is_old = made.ready_at is not None and clock.now() - made.ready_at > KEPT
    if made.content_sealed is None or is_old:
        raise Conflict(_l("This copy is not here, or no longer. Make another one."))
    text = unseal(session, made.id, TABLE, "content_sealed", made.id, made.content_sealed)
    source = source_of(session, made)
    _forget(made)
    session.flush()
    audit.record(
        session,
        actor,
        "privacy.export.fetch",
        source.id,
        case=source.case_id,
        number=made.number,
    )
    return base64.b64decode(text)


def source_of(session: Session, made: ExportFile) -> LegalOrder | SubjectRequest:
    """Return the order or the request that a copy answers."""
    if made.order_id is not None:
        return session.get_one(LegalOrder, made.order_id)
    return session.get_one(SubjectRequest, made.request_id)


def _forget(made: ExportFile) -> None:
    made.content_sealed, made.state, made.gone_at = None, ExportState.GONE, clock.now()


def expire_copies(session: Session) -> int:
    """Delete the files that nobody fetched in time; returns how many."""
    old = session.scalars(
        sa.select(ExportFile).where(
            col(ExportFile.state) == ExportState.READY,
            col(ExportFile.ready_at) < clock.now() - KEPT,
        )
    ).all()
    for made in old:
        _forget(made)
    session.flush()
    return len(old)


@dataclass(frozen=True, slots=True)
class CopyRow:
    """A copy in a list: by number, maker, moment and state; never what it holds."""

    id: UUID
    number: str
    owner_id: UUID
    owner: str
    made_at: datetime
    gone_at: datetime | None
    state: ExportState
    order_id: UUID | None
    request_id: UUID | None


def list_copies(session: Session, actor: Actor, source_id: UUID | None = None) -> list[CopyRow]:
    """Return the copies of an order or a request, or to the officer all of the institution's."""
    statement = (
        sa.select(
            col(ExportFile.id),
            col(ExportFile.number),
            col(ExportFile.owner_id),
            col(User.name),
            col(ExportFile.made_at),
            col(ExportFile.gone_at),
            col(ExportFile.state),
            col(ExportFile.order_id),
            col(ExportFile.request_id),
        )
        .join(User, col(User.id) == col(ExportFile.owner_id))
        .where(col(ExportFile.agency_id) == actor.agency_id)
        .order_by(col(ExportFile.made_at).desc())
        .limit(PAGE)
    )
    if source_id is not None:
        statement = statement.where(
            sa.or_(col(ExportFile.order_id) == source_id, col(ExportFile.request_id) == source_id)
        )
    elif not actor.has_role(Role.PRIVACY_OFFICER):
        return []
    return [CopyRow(*row) for row in rows(session, statement)]
