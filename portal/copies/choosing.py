"""What may go into a copy of the file: the pieces of a case that the institution in charge reads.

Restricted pieces are named, never shown: who leads sees that they are there, as on the timeline.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.actor import Actor
from portal.agencies.models import Agency
from portal.agencies.queries import names_of
from portal.cases.labels import KIND, RIGHT, entry_title
from portal.cases.models import Case, Circle, EntryKind
from portal.cases.queries import EntryRow, list_entries
from portal.cases.rules import Access
from portal.copies.models import COURT_COPY, Choice, PieceKind
from portal.documents import pieces
from portal.documents.queries import list_for_case
from portal.referrals.letters import number_of
from portal.referrals.models import Letter, LetterKind, Referral, ReferralAnswer
from portal.referrals.queries import visible_referrals
from portal.texts import _, inline

AT_ONCE = 200
MOST_TITLE = 140
# What a person wrote of what was done; the rest tells of a record that has its own page.
TOLD = (EntryKind.NOTE, EntryKind.ACT, EntryKind.VISIT, EntryKind.INTERVIEW)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A piece that may go into a copy, or a restricted one that is named as left out.

    `is_usual` tells whether it goes in unless it is taken out.
    """

    kind: PieceKind
    id: UUID
    version: int
    title: str
    at: datetime
    agency: str
    format: str = ""
    size: int = 0
    is_restricted: bool = False
    is_struck: bool = False
    is_usual: bool = False

    @property
    def key(self) -> str:
        """Return what a form calls it."""
        return f"{self.kind.value}:{self.id}"

    @property
    def choice(self) -> Choice:
        """Return how it stands in a copy at first."""
        return Choice.RESTRICTED if self.is_restricted else Choice.INCLUDED


def candidates(session: Session, actor: Actor, case: Case, access: Access) -> list[Candidate]:
    """Return the pieces of a case that the actor leads, the oldest first."""
    documents = _documents(session, actor, case, access)
    held = {piece_id for _each, piece_id in documents}
    found = [each for each, _piece_id in documents]
    found += _entries(session, actor, case, held)
    found += _letters(session, actor, case)
    found += _answers(session, actor, case)
    return sorted(found, key=lambda each: (each.at, each.id))


def _documents(
    session: Session, actor: Actor, case: Case, access: Access
) -> list[tuple[Candidate, UUID]]:
    return [
        (
            Candidate(
                PieceKind.DOCUMENT,
                row.id,
                row.number,
                row.title[:MOST_TITLE],
                row.recorded_at,
                row.agency,
                format=row.format.value,
                size=row.size,
                is_struck=row.struck_at is not None,
                is_usual=row.struck_at is None and row.circle is not Circle.AGENCY,
            ),
            row.piece_id if row.piece == pieces.ENTRY else row.id,
        )
        for row in list_for_case(session, actor, case, access)
        if row.circle is not Circle.SEALED and row.piece != COURT_COPY
    ]


def _entries(session: Session, actor: Actor, case: Case, held: set[UUID]) -> list[Candidate]:
    found: list[Candidate] = []
    before: tuple[datetime, UUID] | None = None
    while part := list_entries(session, actor, case, before=before, limit=AT_ONCE):
        # A document that was filed stands for the entry that says so.
        found += [_entry(row) for row in part if row.id not in held]
        before = part[-1].happened_at, part[-1].id
    return found


def _entry(row: EntryRow) -> Candidate:
    is_restricted = row.circle is Circle.SEALED
    kind = next(str(label) for key, label in KIND.items() if key.value == row.kind)
    title = entry_title(row.title, row.facts) or row.text
    if is_restricted:
        title = _("Restricted access: %(kind)s", kind=kind)
    elif not row.title:
        title = f"{kind}: {title}"
    is_struck = row.struck_at is not None
    wanted = row.kind in TOLD and bool(row.text) and row.circle is not Circle.AGENCY
    return Candidate(
        PieceKind.ENTRY,
        row.id,
        1,
        _short(title),
        row.happened_at,
        row.agency,
        is_restricted=is_restricted,
        is_struck=is_struck,
        is_usual=is_restricted or (wanted and not is_struck),
    )


def _short(title: str) -> str:
    """Return a title of one line."""
    plain = " ".join(title.split())
    return plain if len(plain) <= MOST_TITLE else f"{plain[: MOST_TITLE - 1]}…"


def letters_of(session: Session, actor: Actor, case_id: UUID) -> list[tuple[Letter, Referral]]:
    """Return the letters of a case's visible referrals, in order."""
    statement = (
        sa.select(Letter, Referral)
        .join(Referral, col(Referral.id) == col(Letter.referral_id))
        .where(col(Referral.case_id) == case_id, visible_referrals(actor))
        .order_by(col(Letter.made_at), col(Letter.id))
    )
    return [(letter, referral) for letter, referral in session.execute(statement)]


def _letters(session: Session, actor: Actor, case: Case) -> list[Candidate]:
    found = letters_of(session, actor, case.id)
    agencies = {
        each.id: each
        for each in session.scalars(
            sa.select(Agency).where(
                col(Agency.id).in_({letter.agency_id for letter, _referral in found})
            )
        )
    }
    names = names_of(session, {letter.to_agency_id for letter, _referral in found})
    return [
        Candidate(
            PieceKind.LETTER,
            letter.id,
            1,
            _title_of(letter, agencies[letter.agency_id], names[letter.to_agency_id], referral),
            letter.made_at,
            agencies[letter.agency_id].name,
            is_usual=True,
        )
        for letter, referral in found
    ]


def answers_of(
    session: Session, actor: Actor, case_id: UUID
) -> list[tuple[ReferralAnswer, Referral]]:
    """Return the answers to a case's visible referrals, in order."""
    statement = (
        sa.select(ReferralAnswer, Referral)
        .join(Referral, col(Referral.id) == col(ReferralAnswer.referral_id))
        .where(col(Referral.case_id) == case_id, visible_referrals(actor))
        .order_by(col(ReferralAnswer.at), col(ReferralAnswer.id))
    )
    return [(answer, referral) for answer, referral in session.execute(statement)]


def _answers(session: Session, actor: Actor, case: Case) -> list[Candidate]:
    """Return the answers that say something in words; a scan of one is a document by itself."""
    found = [each for each in answers_of(session, actor, case.id) if says_something(each[0])]
    names = names_of(session, {referral.to_agency_id for _answer, referral in found})
    return [
        Candidate(
            PieceKind.ANSWER,
            answer.id,
            1,
            _short(_answered(answer, referral, names[referral.to_agency_id])),
            answer.at,
            names[referral.to_agency_id],
            is_usual=True,
        )
        for answer, referral in found
    ]


def says_something(answer: ReferralAnswer) -> bool:
    """Tell whether an answer holds more than the day on which it came."""
    return bool(answer.answer or answer.outcome)


def _answered(answer: ReferralAnswer, referral: Referral, receiver: str) -> str:
    right = inline(RIGHT[referral.right])
    if answer.document:
        return _(
            "Answer of %(agency)s on %(right)s: %(document)s",
            agency=receiver,
            right=right,
            document=answer.document,
        )
    return _("Answer of %(agency)s on %(right)s", agency=receiver, right=right)


def _title_of(letter: Letter, sender: Agency, receiver: str, referral: Referral) -> str:
    words = _(
        "Official letter No. %(number)s to %(agency)s",
        number=number_of(letter, sender),
        agency=receiver,
    )
    with_receipt = letter.kind is LetterKind.REFERRAL and referral.opened_at is not None
    if not with_receipt:
        return _short(words)
    return _short(_("%(letter)s, with its receipt", letter=words))
