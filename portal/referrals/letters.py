"""The official letter (oficio) of a referral: its number, who signs it, and its text on paper.

The text is made from the referral each time, so that it shows the receipt once there is one; what
makes it that letter (number, signer, day) is kept. It names children by the fields that were ticked
for the act and by no others (Ley 29733; DL 1297 art. 15.2).
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, paper
from portal.access.models import Signer, SignerAct
from portal.access.queries import current_signers
from portal.actor import Actor
from portal.agencies.models import Agency
from portal.agencies.queries import get_agency
from portal.cases.labels import RIGHT
from portal.cases.models import Case
from portal.errors import NotFound
from portal.places.queries import name_of
from portal.referrals.labels import FIELD
from portal.referrals.models import Letter, LetterKind, Referral
from portal.referrals.queries import get_referral, shared_children
from portal.texts import _, _l, inline, moment_text, written_day
from portal.users.models import User

RESERVED = _l(
    "What is told here serves this act alone and is reserved (DL 1297 arts. 5.i, 15.2; Ley 29733)."
)
BASIS = "DL 1297 art. 15; TUO Ley 27444 arts. 76–77"


def make_letter(
    session: Session, actor: Actor, referral: Referral, kind: LetterKind = LetterKind.REFERRAL
) -> Letter:
    """Give a referral its letter: the next number of its sender's series of the year.

    The sender's row is locked until the end of the transaction, so that no number is given twice
    and none is left out.
    """
    session.execute(
        sa.select(col(Agency.id)).where(col(Agency.id) == referral.from_agency_id).with_for_update()
    )
    now = clock.now()
    year = clock.local(now).year
    last = session.scalar(
        sa.select(sa.func.max(col(Letter.number))).where(
            col(Letter.agency_id) == referral.from_agency_id, col(Letter.year) == year
        )
    )
    receiver = get_agency(session, referral.to_agency_id)
    head_of = receiver.parent_id if kind is LetterKind.HEAD else None
    letter = Letter(
        referral_id=referral.id,
        agency_id=referral.from_agency_id,
        to_agency_id=head_of or receiver.id,
        kind=kind,
        year=year,
        number=(last or 0) + 1,
        signer_id=_signer(session, referral.from_agency_id, actor.user_id),
        made_at=now,
    )
    session.add(letter)
    session.flush()
    return letter


def _signer(session: Session, agency_id: UUID, user_id: UUID | None) -> UUID | None:
    """Return who signs: whoever sends it, where they sign letters, else the first titular."""
    signers = current_signers(session, agency_id, act=SignerAct.LETTER)
    own = [each for each in signers if each.user_id is not None and each.user_id == user_id]
    return next((each.id for each in [*own, *signers]), None)


def list_letters(session: Session, referral: Referral) -> list[Letter]:
    """Return the letters of a referral that was read already, in order."""
    statement = (
        sa.select(Letter)
        .where(col(Letter.referral_id) == referral.id)
        .order_by(col(Letter.made_at), col(Letter.number))
    )
    return list(session.scalars(statement))


def number_of(letter: Letter, agency: Agency) -> str:
    """Return a letter's number as it is quoted: `000012-2026-UPE-SM`."""
    return f"{letter.number:06d}-{letter.year}-{agency.code}"


def draw(
    session: Session, actor: Actor, referral_id: UUID, kind: LetterKind, years: Mapping[int, str]
) -> tuple[str, bytes]:
    """Return the number of a visible referral's letter and its PDF; raises NotFound."""
    referral = get_referral(session, actor, referral_id)
    found = [each for each in list_letters(session, referral) if each.kind is kind]
    if not found:
        raise NotFound
    letter = found[-1]
    audit.note_read(session, actor, "referrals.letter.read", letter.id, case=referral.case_id)
    number = number_of(letter, get_agency(session, letter.agency_id))
    return number, paper.draw("oficio.typ", content(session, actor, referral, letter, years))


def content(
    session: Session,
    actor: Actor,
    referral: Referral,
    letter: Letter,
    years: Mapping[int, str],
) -> dict[str, Any]:
    """Return the texts of a letter in the reader's language, ready to be set."""
    sender = get_agency(session, letter.agency_id)
    receiver = get_agency(session, letter.to_agency_id)
    made_on = clock.local(letter.made_at).date()
    place = name_of(sender.district) if sender.district else ""
    seat = name_of(receiver.district) if receiver.district else ""
    texts = _to_head if letter.kind is LetterKind.HEAD else _of_referral
    return {
        "year": years.get(letter.year, ""),
        "agency": sender.name,
        "within": get_agency(session, sender.parent_id).name if sender.parent_id else "",
        "dated": ", ".join(part for part in (place, written_day(made_on)) if part),
        "number": _("OFFICIAL LETTER No. %(number)s", number=number_of(letter, sender)),
        "to": [*_addressee(session, letter), receiver.name, seat],
        "asked": referral.asked.splitlines() or [""],
        "for_whom": _("For whom"),
        "basis": _("Basis: %(source)s.", source=BASIS),
        "farewell": _("Yours faithfully,"),
        "signature": _signature(session, letter),
        "receipt_title": _("Receipt"),
        "printed": _(
            "Printed by %(name)s, %(agency)s, %(day)s",
            name=actor.name,
            agency=actor.agency_name,
            day=moment_text(clock.local(clock.now())),
        ),
        "page": _("page"),
        **texts(session, referral, receiver),
    }


def _of_referral(session: Session, referral: Referral, receiver: Agency) -> dict[str, Any]:
    """Return what the letter of a referral says of its own."""
    right = inline(RIGHT[referral.right])
    case = session.get_one(Case, referral.case_id)
    return {
        "facts": [
            [_("Subject"), _("Referral for the right: %(right)s", right=right)],
            [_("Reference"), _("Case %(code)s", code=case.code)],
        ],
        "opening": _(
            "In the matter of the case of reference, and for the protection of the girls, boys or "
            "adolescents named below, I ask your institution for the following:"
        ),
        "children": [
            [child.initials, *(f"{FIELD[field]}: {value}" for field, value in child.facts)]
            for child in shared_children(session, referral)
        ],
        "contact": _("Whom to call: %(contact)s", contact=referral.contact)
        if referral.contact
        else "",
        "closing": [_("Answer by %(day)s.", day=written_day(referral.due_on)), str(RESERVED)],
        "receipt": receipt_lines(session, referral, receiver),
    }


def _to_head(session: Session, referral: Referral, _receiver: Agency) -> dict[str, Any]:
    """Return what the letter to the head says of its own: the request, and no child by name."""
    right = inline(RIGHT[referral.right])
    case = session.get_one(Case, referral.case_id)
    unit = get_agency(session, referral.to_agency_id)
    before = [each for each in list_letters(session, referral) if each.kind is LetterKind.REFERRAL]
    quoted = [
        _(
            "Official letter No. %(number)s of %(day)s",
            number=number_of(each, get_agency(session, each.agency_id)),
            day=written_day(clock.local(each.made_at).date()),
        )
        for each in before[:1]
    ]
    return {
        "facts": [
            [_("Subject"), _("A request without an answer: %(right)s", right=right)],
            [_("Reference"), "; ".join([*quoted, _("Case %(code)s", code=case.code)])],
        ],
        "opening": _(
            "The letter of reference asked %(agency)s for what is repeated below. No answer has "
            "come in spite of the reminders. I ask you to see to it; delay in the protection of "
            "girls, boys and adolescents is answered for (DL 1297; R arts. 60–64).",
            agency=unit.name,
        ),
        "children": [[child.initials] for child in shared_children(session, referral)],
        "contact": "",
        "closing": [
            _("The answer was awaited by %(day)s.", day=written_day(referral.due_on)),
            str(RESERVED),
        ],
        "receipt": [],
    }


def _addressee(session: Session, letter: Letter) -> list[str]:
    """Return to whom a letter is addressed: an institution, or its head by name where known."""
    if letter.kind is LetterKind.REFERRAL:
        return [_("Addressed to")]
    heads = current_signers(session, letter.to_agency_id, act=SignerAct.ANY)
    if not heads:
        return [_("To the head of")]
    return [" · ".join(part for part in (heads[0].name, heads[0].post) if part)]


def _signature(session: Session, letter: Letter) -> list[str]:
    """Return the lines under the signature; without a signer entered they are left to the hand."""
    if letter.signer_id is None:
        return [_("Name and post")]
    signer = session.get_one(Signer, letter.signer_id)
    return [line for line in (signer.name, signer.post, signer.resolution) if line]


def receipt_lines(session: Session, referral: Referral, receiver: Agency) -> list[str]:
    """Return what the receipt says (cargo de recepción), nothing before there is one."""
    if referral.opened_at is None:
        return []
    when = moment_text(clock.local(referral.opened_at))
    who = session.get(User, referral.opened_by) if referral.opened_by else None
    lines = [
        _(
            "Opened in the portal by %(name)s, %(agency)s, %(when)s",
            name=who.name,
            agency=receiver.name,
            when=when,
        )
        if who
        else _("Received by %(agency)s, %(when)s", agency=receiver.name, when=when)
    ]
    if referral.receiver_number:
        lines.append(_("Number given by the receiver: %(number)s", number=referral.receiver_number))
    return lines
