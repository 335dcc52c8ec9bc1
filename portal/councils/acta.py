"""The acta of a session as a tagged PDF (TUO of Ley 27444 art. 102).

Attendance, place and hours, the points dealt with, each agreement by itself with the sense of the
votes and dissents, and the state of the trail. It names institutions and who sat for them; cases by
their letter only.
"""

from typing import Any

from sqlmodel import Session

from portal import clock, paper
from portal.actor import Actor
from portal.councils import labels
from portal.councils.board import AgreementRow, Board, ItemRow, VoteRow, list_votes
from portal.councils.models import ItemStatus, MeetingStatus
from portal.councils.queries import SeatRow
from portal.texts import _, day_text, moment_text


def draw(session: Session, actor: Actor, board: Board) -> bytes:
    """Return the acta of a session that was held, as it stands now."""
    return paper.draw("acta.typ", content(session, actor, board))


def content(session: Session, actor: Actor, board: Board) -> dict[str, Any]:
    """Return the texts of an acta in the reader's language, ready to be set."""
    meeting = board.meeting
    votes = list_votes(session, meeting.id)
    is_draft = meeting.status is not MeetingStatus.APPROVED
    return {
        "title": _("Acta of session %(number)s", number=meeting.number),
        "council": meeting.council_name or board.council.name,
        "status": _("To be read and approved") if is_draft else _("Approved"),
        "facts": _facts(board),
        "words": _words(),
        "attendance": [_attendance(board, seat) for seat in board.seats],
        "items": [
            _item(board, item, number, votes)
            for number, item in enumerate(board.shown_items, start=1)
        ],
        "basis": _("Collegiate bodies: %(source)s.", source="TUO Ley 27444, art. 95–102"),
        "trail": _(
            "Trail of the portal at the closing: %(size)s records, head %(head)s.",
            size=meeting.trail_size or 0,
            head=meeting.trail_head or "—",
        ),
        "printed": _(
            "Printed by %(name)s, %(agency)s, %(day)s",
            name=actor.name,
            agency=actor.agency_name,
            day=moment_text(clock.local(clock.now())),
        ),
        "signatures": [_("Chair"), _("Technical secretariat")],
    }


def _words() -> dict[str, str]:
    return {
        "attendance": _("Attendance"),
        "institution": _("Institution"),
        "person": _("Who attended"),
        "hours": _("Hours"),
        "points": _("Points and agreements"),
        "agreement": _("Agreement"),
        "until": _("Until"),
        "verifier": _("Verifies"),
        "page": _("page"),
    }


def _facts(board: Board) -> list[list[str]]:
    meeting = board.meeting
    hours = " – ".join(
        f"{clock.local(each):%H:%M}" for each in (meeting.opened_at, meeting.closed_at) if each
    )
    facts = [
        [_("Kind"), str(labels.MEETING[meeting.kind])],
        [_("Day"), day_text(clock.local(meeting.starts_at).date())],
        [_("Hours"), hours],
        [_("Place"), meeting.place],
        [
            _("Quorum"),
            _(
                "%(needed)s of %(seats)s members needed",
                needed=board.quorum.needed,
                seats=board.quorum.seats,
            ),
        ],
    ]
    if meeting.call > 1:
        facts.append([_("Call"), _("Second call")])
    if meeting.status is MeetingStatus.SUSPENDED:
        facts.append([_("Suspended"), meeting.reason])
    return facts


def _attendance(board: Board, seat: SeatRow) -> list[str]:
    office = "" if seat.office == "member" else f" ({labels.OFFICE[seat.office]})"
    came = board.came(seat.id)
    people = "; ".join(f"{each.name} ({labels.STANDING[each.standing]})" for each in came)
    hours = "; ".join(
        f"{clock.local(each.arrived_at):%H:%M}"
        + (f"–{clock.local(each.left_at):%H:%M}" if each.left_at else "")
        for each in came
        if each.arrived_at
    )
    excuse = board.excuse(seat.id)
    absent = _("Excused: %(why)s", why=excuse) if excuse else _("Absent")
    return [seat.agency + office, people or absent, hours]


def _item(board: Board, item: ItemRow, number: int, votes: list[VoteRow]) -> dict[str, Any]:
    told = [item.asks] if item.asks else []
    if item.follows is not None:
        told.append(item.follows.text)
        if item.follows.commitment_status is not None:
            told.append(str(labels.COMMITMENT[item.follows.commitment_status]))
    if item.off_agenda:
        told.append(_("Outside the agenda, all members present (TUO, art. 98.4)"))
    if item.status is ItemStatus.POSTPONED:
        told.append(str(labels.ITEM_STATUS[item.status]))
    return {
        "name": f"{number}. {item.name}",
        "told": told,
        "notes": item.notes,
        "agreements": [_agreement(board, row, votes) for row in board.of_item(item.id)],
    }


def _agreement(board: Board, row: AgreementRow, votes: list[VoteRow]) -> dict[str, Any]:
    names = {seat.id: seat.agency for seat in board.seats}
    cast = [vote for vote in votes if vote.agreement_id == row.id]
    said = [
        f"{names.get(vote.seat_id, '')}: {labels.SENSE[vote.sense]}"
        + (f" ({vote.reason})" if vote.reason else "")
        for vote in cast
    ]
    state = str(labels.AGREEMENT[row.status])
    if row.objection:
        state += f": {row.objection}"
    if row.withdrawn_reason:
        state += f": {row.withdrawn_reason}"
    return {
        "number": str(row.number),
        "agency": row.agency,
        "text": row.text,
        "until": day_text(row.due_on),
        "verifier": row.verifier,
        "how": str(labels.HOW[row.how]),
        "votes": said,
        "state": state,
        "struck": row.status == "withdrawn",
    }
