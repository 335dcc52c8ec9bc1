"""What stands on the sheets of a copy besides its pieces: covers, index, numbers, certificates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from portal import clock
from portal.access.models import Signer
from portal.agencies.queries import get_agency
from portal.cases.children import children_of
from portal.cases.labels import CIRCLE, KIND, RIGHT, entry_title
from portal.cases.models import Case, Entry
from portal.copies.court import number_of
from portal.copies.labels import NORM
from portal.copies.models import Choice, CourtCopy, CourtCopyPiece
from portal.copies.volumes import Numbered, Volume
from portal.copies.words import in_words
from portal.db.sealing import opened
from portal.documents.labels import FORMAT
from portal.documents.queries import Lying
from portal.people.rules import age_text, initials
from portal.places.queries import name_of
from portal.referrals.labels import OUTCOME
from portal.referrals.models import Referral, ReferralAnswer
from portal.texts import _, _l, _n, day_text, moment_text, written_day
from portal.users.models import User

WHY_BESIDE = {
    "kind": _l("A file of this kind is not printed by the portal."),
    "protected": _l("It is locked by a password."),
    "long": _l("It has more pages than are put on paper here."),
    "large": _l("It is too heavy to be put on paper here."),
}
CANNOT = _l("It is damaged: a reader of PDF does not understand it.")
BASIS = "DL 1297 arts. 5.i, 52; TUO Ley 27444 arts. 150, 152, 153"


@dataclass(frozen=True, slots=True)
class Line:
    """A piece as the index has it."""

    row: CourtCopyPiece
    title: str
    folios: Numbered
    sizes: list[tuple[float, float]]
    is_beside: bool


def sheet_of(folio: int, volumes: Sequence[Volume]) -> int:
    """Return on which page of the whole a folio stands, the pages of the index not counted.

    Before it stand the covers of its volume and of those before, and the latter's certificates.
    """
    number = next(each.number for each in volumes if each.first <= folio <= each.last)
    return folio - 1 + number + (number - 1)


def entry_sheet(session: Session, case: Case, entry: Entry, agency: str) -> dict[str, Any]:
    """Return the texts of an act's own sheet; the caller reads it, and it is not restricted."""
    author = session.get(User, entry.author_id) if entry.author_id else None
    title = entry_title(entry.title, entry.facts)
    kind = str(KIND[entry.kind])
    facts = [
        (_("When"), moment_text(clock.local(entry.happened_at))),
        (_("Recorded"), moment_text(clock.local(entry.recorded_at))),
        (
            _("Written by"),
            ", ".join(part for part in (agency, author.name if author else "") if part),
        ),
        (_("Who can read it"), str(CIRCLE[entry.circle])),
    ]
    struck = ""
    if entry.struck_at is not None:
        column = "strike_reason_sealed"
        why = opened(
            session, case.id, "portal_case_entry", column, entry.id, entry.strike_reason_sealed
        )
        when = moment_text(clock.local(entry.struck_at))
        struck = " · ".join(part for part in (_("STRUCK on %(moment)s", moment=when), why) if part)
    return {
        "title": title or kind,
        "kind": kind if title else "",
        "facts": facts,
        "text": entry.text,
        "struck": struck,
        "notes": [],
    }


def answer_sheet(
    session: Session, answer: ReferralAnswer, referral: Referral, title: str
) -> dict[str, Any]:
    """Return the texts of the sheet of an answer to a referral that the caller reads."""
    author = session.get(User, answer.by_id) if answer.by_id else None
    entered = get_agency(session, answer.agency_id).name if answer.agency_id else ""
    who = ", ".join(part for part in (entered, author.name if author else "") if part)
    facts = [
        (_("When"), moment_text(clock.local(answer.at))),
        (_("Answer of"), get_agency(session, referral.to_agency_id).name),
        (_("Entered in its name by") if answer.for_them else _("Written by"), who),
        (_("Right"), str(RIGHT[referral.right])),
        (_("What is asked"), referral.asked),
        (_("Document"), answer.document),
        (_("Date"), day_text(answer.dated) if answer.dated else ""),
        (_("Outcome"), str(OUTCOME[answer.outcome]) if answer.outcome else ""),
        (_("Appointment"), day_text(answer.appointment_on) if answer.appointment_on else ""),
        (_("Extent"), _("Answer in part: more is to come") if answer.is_partial else ""),
    ]
    return {
        "title": title,
        "kind": _("Answer to a referral"),
        "facts": [fact for fact in facts if fact[1]],
        "text": answer.answer,
        "struck": "",
        "notes": [],
    }


def beside_sheet(row: CourtCopyPiece, title: str, lying: Lying, why: str) -> dict[str, Any]:
    """Return the texts of the sheet that stands for a file which goes beside the copy."""
    facts = [
        (_("Filed at"), moment_text(clock.local(row.at))),
        (_("Institution"), row.agency),
        (_("Kind of file"), str(FORMAT[lying.format])),
        (_("Version"), str(row.version)),
        (_("Bytes"), str(lying.size)),
        (_("Hash (SHA-256)"), lying.sha256),
    ]
    return {
        "title": title,
        "kind": _("Document that goes beside as a file"),
        "facts": facts,
        "text": "",
        "struck": "",
        "notes": [
            str(WHY_BESIDE.get(why, CANNOT)),
            _("It goes beside this copy as a file; its hash shows that it is this one."),
        ],
    }


def whole(
    session: Session,
    case: Case,
    copy: CourtCopy,
    lines: Sequence[Line],
    withheld: Sequence[tuple[CourtCopyPiece, str, str]],
    volumes: Sequence[Volume],
) -> dict[str, Any]:
    """Return all texts of a copy's own sheets, in the order of its pages."""
    agency = get_agency(session, copy.agency_id)
    day = written_day(clock.today())
    place = name_of(agency.district) if agency.district else ""
    file_number = f"{case.serial}-{case.serial_year}"
    number = number_of(copy)
    return {
        "title": _("Copy of the file No. %(number)s", number=number),
        "agency": agency.name,
        "within": get_agency(session, agency.parent_id).name if agency.parent_id else "",
        "heading": _("Copy No. %(number)s · File %(file)s", number=number, file=file_number),
        "facts": _facts(session, case, copy, file_number),
        "words": {
            "copy": _("Copy of the file"),
            "folio": _("Folio"),
            "index": _("Index"),
            "number": _("No."),
            "day": _("Date"),
            "piece": _("Piece"),
            "from": _("Institution"),
            "folios": _("Folios"),
            "volume": _("Volume"),
            "withheld": _("Pieces that do not go in"),
            "reason": _("Reason and norm"),
            "closing": _("Certificate of closing"),
        },
        "index": [_index_line(number, line) for number, line in enumerate(lines, start=1)],
        "withheld": [_withheld_line(*each) for each in withheld],
        "beside": _beside(lines),
        "volumes": [
            {
                "title": _("Volume %(number)s of %(all)s", number=each.number, all=len(volumes)),
                "range": _range(each),
                "certificate": _certificate(copy, each, volumes, number, file_number),
                "sheets": _sheets(each, lines),
            }
            for each in volumes
        ],
        "dated": ", ".join(part for part in (place, day) if part),
        "signature": _signature(session, copy),
        "confidential": _(
            "Confidential: identity and proceedings of girls, boys and adolescents are reserved "
            "(DL 1297 art. 5.i; Código de los Niños y Adolescentes art. 6)."
        ),
        "basis": _("Basis: %(source)s.", source=BASIS),
    }


def _facts(
    session: Session, case: Case, copy: CourtCopy, file_number: str
) -> list[tuple[str, str]]:
    today = clock.today()
    children = "; ".join(
        f"{initials(child)}, {age_text(child, today)}"
        for child in children_of(session, [case.id])[case.id]
    )
    facts = [
        (_("Addressee"), copy.court),
        (_("File of the court"), copy.court_number),
        (_("File number"), file_number),
        (_("Case"), case.code),
        (_("Girls, boys or adolescents"), children),
    ]
    return [fact for fact in facts if fact[1]]


def _index_line(number: int, line: Line) -> dict[str, Any]:
    folios = line.folios
    volume = str(folios.volume)
    if folios.last_volume != folios.volume:
        volume = f"{folios.volume}–{folios.last_volume}"
    return {
        "number": str(number),
        "day": day_text(clock.local(line.row.at).date()),
        "title": line.title,
        "agency": line.row.agency,
        "folios": str(folios.first)
        if folios.first == folios.last
        else f"{folios.first}–{folios.last}",
        "first": folios.first,
        "volume": volume,
    }


def _withheld_line(row: CourtCopyPiece, title: str, why: str) -> dict[str, str]:
    reason = why if row.choice is Choice.WITHHELD else _("Restricted access")
    return {
        "day": day_text(clock.local(row.at).date()),
        "title": title,
        "agency": row.agency,
        "reason": f"{reason} ({NORM[row.choice]})",
    }


def _beside(lines: Sequence[Line]) -> str:
    named = [str(line.folios.first) for line in lines if line.is_beside]
    if not named:
        return ""
    return _n(
        "Beside this copy goes, as a file, the document of folio %(folios)s.",
        "Beside this copy go, as files, the documents of folios %(folios)s.",
        len(named),
        folios=", ".join(named),
    )


def _range(each: Volume) -> str:
    return _("Folios %(first)s to %(last)s", first=each.first, last=each.last)


def _certificate(
    copy: CourtCopy, each: Volume, volumes: Sequence[Volume], number: str, file_number: str
) -> str:
    return _(
        "It is certified that volume %(number)s of %(all)s of copy No. %(copy)s of file %(file)s, "
        "addressed to %(court)s, consists of %(count)s (%(count_words)s) folios, numbered from "
        "%(first)s (%(first_words)s) to %(last)s (%(last_words)s), and is closed with this "
        "certificate.",
        number=each.number,
        all=len(volumes),
        copy=number,
        file=file_number,
        court=copy.court,
        count=each.count,
        count_words=in_words(each.count),
        first=each.first,
        first_words=in_words(each.first),
        last=each.last,
        last_words=in_words(each.last),
    )


def _sheets(volume: Volume, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Return number, words, foot and shape of each folio of a volume."""
    told = []
    for line in lines:
        for at, (width, height) in enumerate(line.sizes):
            folio = line.folios.first + at
            if volume.first <= folio <= volume.last:
                foot = line.title
                if len(line.sizes) > 1:
                    foot = f"{line.title} · {at + 1}/{len(line.sizes)}"
                told.append(
                    {
                        "folio": folio,
                        "words": in_words(folio),
                        "foot": foot,
                        "wide": width > height,
                    }
                )
    return told


def _signature(session: Session, copy: CourtCopy) -> list[str]:
    """Return the lines under the signature; without a signer entered they are left to the hand."""
    if copy.signer_id is None:
        return [_("Name and post")]
    signer = session.get_one(Signer, copy.signer_id)
    return [line for line in (signer.name, signer.post, signer.resolution) if line]
