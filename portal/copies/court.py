"""The copy of the file for the court: put together, formed by the worker, delivered with receipt.

By the institution in charge (DL 1297 art. 52). What is formed is a record that stays as it is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.access.queries import SignerRow, current_signers
from portal.actor import Actor, AgencyKind
from portal.agencies.models import Agency
from portal.agencies.queries import get_agency
from portal.cases.models import Case, EntryKind, Level, Term, TermStatus
from portal.cases.queries import access_to_act, case_to_act, get_case, own_cases
from portal.cases.stages import declare_unprotection
from portal.cases.terms import meet_term, start_term
from portal.cases.timeline import log
from portal.cases.visibility import own_level
from portal.copies import setting
from portal.copies.choosing import Candidate, candidates
from portal.copies.inputs import ArrangeCopy, BeginCopy, DeliverCopy, NoteDeclaration
from portal.copies.models import (
    COURT_COPY,
    Choice,
    CopyState,
    CourtCopy,
    CourtCopyPiece,
)
from portal.db.sealing import load_keys, opened, seal
from portal.documents.receiving import Content
from portal.documents.services import attach
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.texts import _, _l, msgid

TABLE, PIECE = "portal_court_copy", "portal_court_copy_piece"
FORM_JOB = "copies.form_copy"
# The term that a copy meets: the next business day after the declaration.
RULE = "core.unprotection.copies_to_court"
MEGABYTE = 1024 * 1024


def visible_copies(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition under which `CourtCopy` rows are visible: to who formed it and leads.

    It holds what that institution kept to itself: another one that leads later forms its own.
    """
    if actor.is_system:
        return sa.true()
    if actor.agency_id is None or actor.staff_session_id is not None:
        return sa.false()
    leads = sa.exists().where(
        col(Case.id) == col(CourtCopy.case_id),
        own_cases(actor),
        own_level(actor, col(Case.id)) == Level.LEAD.value,
    )
    return sa.and_(col(CourtCopy.agency_id) == actor.agency_id, leads.correlate(CourtCopy))


def get_copy(session: Session, actor: Actor, copy_id: UUID) -> CourtCopy:
    """Return a visible copy and note the read; raises NotFound."""
    copy = session.scalar(
        sa.select(CourtCopy).where(col(CourtCopy.id) == copy_id, visible_copies(actor))
    )
    if copy is None:
        raise NotFound
    audit.note_read(session, actor, "copies.copy.read", copy.id, case=copy.case_id)
    return copy


def list_copies(session: Session, actor: Actor, case: Case) -> list[CourtCopy]:
    """Return the visible copies of a case, the newest first."""
    statement = (
        sa.select(CourtCopy)
        .where(col(CourtCopy.case_id) == case.id, visible_copies(actor))
        .order_by(col(CourtCopy.started_at).desc())
    )
    return list(session.scalars(statement))


def leading(session: Session, actor: Actor, code_or_id: str | UUID) -> Case:
    """Return a case that the actor's institution leads; raises NotFound, Forbidden to others."""
    case = get_case(session, actor, code_or_id)
    if not access_to_act(session, actor, case).leads:
        lead = get_agency(session, case.lead_agency_id)
        raise Forbidden(_l("Only the institution in charge can do this: %(name)s.", name=lead.name))
    return case


def courts(session: Session) -> list[tuple[str, str]]:
    """Return the courts that the portal knows, for the choice of the addressee."""
    statement = (
        sa.select(col(Agency.id), col(Agency.name))
        .where(col(Agency.kind) == AgencyKind.COURT, col(Agency.closed_on).is_(None))
        .order_by(col(Agency.name))
    )
    return [(str(agency_id), name) for agency_id, name in session.execute(statement)]


def signers(session: Session, actor: Actor) -> list[SignerRow]:
    """Return who may sign a copy for the acting institution now, titulars first."""
    return current_signers(session, actor.agency_id) if actor.agency_id else []


def offered(session: Session, actor: Actor, case: Case) -> list[Candidate]:
    """Return what may go into a copy of a case that the actor leads."""
    return candidates(session, actor, case, access_to_act(session, actor, case))


def running_terms(session: Session, case: Case) -> list[Term]:
    """Return the terms that a copy for the court meets and that run, soonest first."""
    statement = (
        sa.select(Term)
        .where(
            col(Term.case_id) == case.id,
            col(Term.rule_code) == RULE,
            col(Term.status) == TermStatus.RUNNING,
        )
        .order_by(col(Term.due_at), col(Term.id))
    )
    return list(session.scalars(statement))


def begin_copy(session: Session, actor: Actor, code: str, given: BeginCopy) -> CourtCopy:
    """Begin a copy with the pieces that were chosen, in the order of time.

    Raises Invalid where no court is named, or a piece is no longer there.
    """
    case = leading(session, actor, code)
    if actor.agency_id is None:
        raise NotFound
    copy = CourtCopy(
        case_id=case.id,
        agency_id=actor.agency_id,
        author_id=actor.user_id,
        court="",
        started_at=clock.now(),
    )
    chosen = _settled(session, actor, case, copy, given)
    session.add(copy)
    session.flush()
    _put_pieces(session, copy, chosen)
    renumber(session, copy)
    audit.record(session, actor, "copies.copy.begin", copy.id, case=case.id, pieces=len(chosen))
    return copy


def choose_again(session: Session, actor: Actor, copy_id: UUID, given: BeginCopy) -> CourtCopy:
    """Put other pieces into a draft; those that stay keep their place and what was decided."""
    copy = get_copy(session, actor, copy_id)
    copy.require_draft()
    case = leading(session, actor, copy.case_id)
    chosen = _settled(session, actor, case, copy, given)
    wanted = {(each.kind, each.id): each for each in chosen}
    for row in rows_of(session, copy):
        each = wanted.pop((row.kind, row.piece_id), None)
        if each is None:
            session.delete(row)
        else:
            _take_over(session, copy, row, each)
    session.flush()
    _put_pieces(session, copy, list(wanted.values()))
    renumber(session, copy)
    copy.problem = ""
    session.flush()
    return copy


def _take_over(session: Session, copy: CourtCopy, row: CourtCopyPiece, each: Candidate) -> None:
    """Let a piece that stays be what it is now: a later version, another circle."""
    row.version, row.at, row.agency = each.version, each.at, each.agency
    row.title_sealed = seal(session, copy.case_id, PIECE, "title_sealed", row.id, each.title)
    if each.is_restricted or row.choice is Choice.RESTRICTED:
        row.choice = each.choice


def _settled(
    session: Session, actor: Actor, case: Case, copy: CourtCopy, given: BeginCopy
) -> list[Candidate]:
    """Take over court and signer; return the pieces that go in or are named as restricted."""
    court = get_agency(session, given.court_id) if given.court_id else None
    if court is not None and court.kind is not AgencyKind.COURT:
        court = None
    name = court.name if court else given.court
    if not name:
        raise Invalid(Problem("court", _l("Choose the court, or write its name.")))
    known = {str(each.id) for each in signers(session, actor)}
    if given.signer_id is not None and str(given.signer_id) not in known:
        raise Invalid(Problem("signer_id", _l("Choose one from the list.")))
    found = offered(session, actor, case)
    free = {each.key: each for each in found if not each.is_restricted}
    wanted = set(given.pieces)
    if not wanted <= free.keys():
        words = _l("A piece disappeared or was changed meanwhile. Look at the list again.")
        raise Invalid(Problem("pieces", words))
    chosen = [each for each in found if each.is_restricted or each.key in wanted]
    _check_size(chosen)
    copy.court_id, copy.court = (court.id if court else None), name
    copy.court_number, copy.signer_id = given.court_number, given.signer_id
    return chosen


def _check_size(chosen: Sequence[Candidate]) -> None:
    most = setting("copy_mb", 100)
    size = sum(each.size for each in chosen)
    if size > most * MEGABYTE:
        words = _l(
            "The documents chosen are %(size)s MB, and a copy holds %(most)s: form two copies.",
            size=-(-size // MEGABYTE),
            most=most,
        )
        raise Invalid(Problem("pieces", words))


def _put_pieces(session: Session, copy: CourtCopy, chosen: Sequence[Candidate]) -> None:
    last = session.scalar(
        sa.select(sa.func.max(col(CourtCopyPiece.place))).where(
            col(CourtCopyPiece.copy_id) == copy.id
        )
    )
    for place, each in enumerate(chosen, start=(last or 0) + 1):
        row = CourtCopyPiece(
            copy_id=copy.id,
            place=place,
            kind=each.kind,
            piece_id=each.id,
            version=each.version,
            choice=each.choice,
            title_sealed=b"",
            at=each.at,
            agency=each.agency,
        )
        scope = copy.case_id
        row.title_sealed = seal(session, scope, PIECE, "title_sealed", row.id, each.title)
        session.add(row)
    session.flush()


def rows_of(session: Session, copy: CourtCopy) -> list[CourtCopyPiece]:
    """Return the pieces of a copy that the caller reads, in their order."""
    statement = (
        sa.select(CourtCopyPiece)
        .where(col(CourtCopyPiece.copy_id) == copy.id)
        .order_by(col(CourtCopyPiece.place), col(CourtCopyPiece.at), col(CourtCopyPiece.id))
    )
    return list(session.scalars(statement))


def named_rows(session: Session, copy: CourtCopy) -> list[tuple[CourtCopyPiece, str, str]]:
    """Return the pieces of a copy with what the index calls each, and why it is withheld."""
    keys = load_keys(session, {copy.case_id})
    told = [
        (row, title_of(session, copy, row), why_of(session, copy, row))
        for row in rows_of(session, copy)
    ]
    del keys
    return told


def title_of(session: Session, copy: CourtCopy, row: CourtCopyPiece) -> str:
    """Return what the index calls a piece."""
    cell = row.title_sealed
    return opened(session, copy.case_id, PIECE, "title_sealed", row.id, cell)


def why_of(session: Session, copy: CourtCopy, row: CourtCopyPiece) -> str:
    """Return why a piece is withheld."""
    return opened(session, copy.case_id, PIECE, "why_sealed", row.id, row.why_sealed)


def renumber(session: Session, copy: CourtCopy) -> None:
    """Give the pieces of a copy the places 1, 2, 3 … in their order; what is restricted is last.

    It never goes in, and would leave a gap among the places that people read.
    """
    ordered = sorted(rows_of(session, copy), key=lambda row: row.choice is Choice.RESTRICTED)
    for place, row in enumerate(ordered, start=1):
        row.place = place
    session.flush()


def arrange_copy(session: Session, actor: Actor, copy_id: UUID, given: ArrangeCopy) -> CourtCopy:
    """Order a draft by the places written, or move, take out or put back one piece.

    Raises Invalid where a place is missing; the same place twice keeps the order of the page.
    """
    copy = get_copy(session, actor, copy_id)
    copy.require_draft()
    listed = {row.id: row for row in rows_of(session, copy)}
    if len(given.piece) != len(given.place):
        raise Invalid(Problem("place", _l("Write a place for every piece.")))
    for piece_id, place in zip(given.piece, given.place, strict=True):
        if piece_id in listed:
            listed[piece_id].place = place
    session.flush()
    renumber(session, copy)
    _move(session, copy, listed, given)
    if given.out in listed:
        session.delete(listed[given.out])
    if given.back in listed and listed[given.back].choice is Choice.WITHHELD:
        listed[given.back].choice, listed[given.back].why_sealed = Choice.INCLUDED, None
    session.flush()
    renumber(session, copy)
    copy.problem = ""
    session.flush()
    return copy


def _move(
    session: Session,
    copy: CourtCopy,
    listed: Mapping[UUID, CourtCopyPiece],
    given: ArrangeCopy,
) -> None:
    moved = listed.get(given.up or given.down or copy.id)
    if moved is None:
        return
    order = [row for row in rows_of(session, copy) if row.choice is not Choice.RESTRICTED]
    if moved not in order:
        return
    at = order.index(moved)
    other = at - 1 if given.up else at + 1
    if 0 <= other < len(order):
        order[other].place, moved.place = moved.place, order[other].place
        session.flush()


def get_piece(session: Session, copy: CourtCopy, piece_id: UUID) -> CourtCopyPiece:
    """Return a piece of a copy that the caller reads; raises NotFound."""
    row = session.get(CourtCopyPiece, piece_id)
    if row is None or row.copy_id != copy.id:
        raise NotFound
    return row


def withhold_piece(
    session: Session, actor: Actor, copy_id: UUID, piece_id: UUID, *, why: str
) -> CourtCopy:
    """Keep a piece out by a reasoned resolution; the index names it with its norm (R 40)."""
    copy, row = to_withhold(session, actor, copy_id, piece_id)
    row.choice = Choice.WITHHELD
    row.why_sealed = seal(session, copy.case_id, PIECE, "why_sealed", row.id, why)
    session.flush()
    audit.record(session, actor, "copies.copy.withhold", copy.id, case=copy.case_id, reason=why)
    return copy


def to_withhold(
    session: Session, actor: Actor, copy_id: UUID, piece_id: UUID
) -> tuple[CourtCopy, CourtCopyPiece]:
    """Return a piece of a draft that may be kept out; its form asks this first."""
    copy = get_copy(session, actor, copy_id)
    copy.require_draft()
    row = get_piece(session, copy, piece_id)
    if row.choice is Choice.RESTRICTED:
        raise Conflict(_l("This piece is restricted already: it never goes in."))
    return copy, row


def discard_copy(session: Session, actor: Actor, copy_id: UUID) -> UUID:
    """Leave a draft: nothing of it was formed. Returns whose case it was of."""
    copy = get_copy(session, actor, copy_id)
    copy.require_draft()
    if copy.number is not None:
        raise Conflict(_l("This copy has a number already: take out what hinders it, and form it."))
    case_id = copy.case_id
    session.execute(sa.delete(CourtCopyPiece).where(col(CourtCopyPiece.copy_id) == copy.id))
    session.delete(copy)
    session.flush()
    audit.record(session, actor, "copies.copy.discard", copy_id, case=case_id)
    return case_id


def ask_to_form(session: Session, actor: Actor, copy_id: UUID) -> CourtCopy:
    """Ask the worker to form a copy; it has its number from now on, and its entry in the trail.

    Raises Invalid where no piece goes in, Conflict where it is being formed or was.
    """
    copy = get_copy(session, actor, copy_id)
    copy.require_draft()
    leading(session, actor, copy.case_id)
    if not any(row.choice is Choice.INCLUDED for row in rows_of(session, copy)):
        raise Invalid(Problem(None, _l("No piece goes in: choose at least one.")))
    if copy.number is None:
        _give_number(session, copy)
    entry = audit.record(
        session,
        actor,
        "copies.copy.form",
        copy.id,
        case=copy.case_id,
        number=number_of(copy),
        pieces=len(rows_of(session, copy)),
    )
    copy.entry_id, copy.author_id, copy.asked_at = entry.id, actor.user_id, clock.now()
    copy.state, copy.problem = CopyState.WAITING, ""
    session.flush()
    events.add_job(session, FORM_JOB, {"copy": str(copy.id)})
    return copy


def _give_number(session: Session, copy: CourtCopy) -> None:
    """Give a copy the next number of its institution's series of the year; none is given twice."""
    session.execute(
        sa.select(col(Agency.id)).where(col(Agency.id) == copy.agency_id).with_for_update()
    )
    year = clock.today().year
    last = session.scalar(
        sa.select(sa.func.max(col(CourtCopy.number))).where(
            col(CourtCopy.agency_id) == copy.agency_id, col(CourtCopy.year) == year
        )
    )
    copy.number, copy.year = (last or 0) + 1, year


def number_of(copy: CourtCopy) -> str:
    """Return a copy's number as it is quoted; empty before it has one."""
    return f"{copy.number:04d}-{copy.year}" if copy.number else ""


def deliver_copy(
    session: Session,
    actor: Actor,
    copy_id: UUID,
    given: DeliverCopy,
    content: Content | None = None,
) -> CourtCopy:
    """Record that the court received a copy, with its receipt; the term that runs is then met.

    Raises Conflict where it is not formed or was delivered, Invalid for an hour before it was
    formed, or where the term has passed and no reason is given.
    """
    copy, case, formed_at = to_deliver(session, actor, copy_id)
    if given.delivered_at < formed_at.replace(second=0, microsecond=0):
        words = _l("The copy was formed later than this.")
        raise Invalid(Problem("delivered_at", words))
    copy.delivered_at, copy.delivered_by = given.delivered_at, actor.user_id
    copy.received_by, copy.receipt = given.received_by, given.receipt
    session.flush()
    if content is not None:
        attach(
            session,
            actor,
            content,
            piece=COURT_COPY,
            piece_id=copy.id,
            case_id=case.id,
            title=_("Receipt of the copy %(number)s", number=number_of(copy)),
        )
    audit.record(
        session, actor, "copies.copy.deliver", copy.id, case=case.id, number=number_of(copy)
    )
    log(
        session,
        actor,
        case,
        kind=EntryKind.ACT,
        title=msgid("Copy of the file No. %(number)s received by %(court)s, receipt %(receipt)s"),
        facts={"number": number_of(copy), "court": copy.court[:100], "receipt": copy.receipt},
        happened_at=given.delivered_at,
    )
    if case.is_open:
        for term in running_terms(session, case):
            meet_term(
                session,
                actor,
                term.id,
                at=given.delivered_at,
                late_reason=given.late_reason,
            )
    return copy


def to_deliver(session: Session, actor: Actor, copy_id: UUID) -> tuple[CourtCopy, Case, datetime]:
    """Return a copy that was formed and not delivered, its case and when; its form asks this."""
    copy = get_copy(session, actor, copy_id)
    case = leading(session, actor, copy.case_id)
    if copy.formed_at is None:
        raise Conflict(_l("This copy was not formed yet."))
    if copy.delivered_at is not None:
        raise Conflict(_l("The receipt of this copy was recorded already."))
    return copy, case, copy.formed_at


def note_declaration(session: Session, actor: Actor, code: str, given: NoteDeclaration) -> Term:
    """Record that provisional unprotection was declared: the term of the copies runs from then.

    The head of the case says so from now on. The same day recorded twice is one term. Raises
    Conflict where the case is closed.
    """
    case, _access = case_to_act(session, actor, code, Level.LEAD)
    starts_at = datetime.combine(given.declared_on, time(12), clock.LIMA)
    known = {term.starts_at for term in running_terms(session, case)}
    term = start_term(
        session,
        actor,
        case.id,
        rule_code=RULE,
        starts_at=starts_at,
        agency_id=case.lead_agency_id,
    )
    if starts_at not in known:
        declare_unprotection(
            session,
            actor,
            case,
            resolution=given.resolution,
            at=starts_at,
            measure=given.measure,
        )
    return term
