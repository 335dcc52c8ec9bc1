"""What is done with a list: handed in, read, confirmed or cancelled, sent, forgotten."""

import base64
import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import chain, islice
from time import sleep
from typing import Any
from uuid import UUID

import flask_babel
import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock, events
from portal.access.queries import people_with
from portal.actor import Actor, Role
from portal.agencies.queries import get_agency
from portal.alerts.inputs import SendAlert
from portal.alerts.models import Alert, Sign
from portal.alerts.services import send_alert
from portal.db import beside, new_id, unused
from portal.db.sealing import destroy, load_keys, seal, unseal
from portal.errors import Invalid, NotFound, Problem
from portal.lists import doubles, rules, sheets
from portal.lists.events import ListChecked, ListSent
from portal.lists.inputs import EnterBasis, HandIn
from portal.lists.models import (
    GUARDED,
    AlertList,
    ListBasis,
    ListKind,
    ListRow,
    ListState,
    RowState,
)
from portal.lists.queries import basis_in_force, get_basis, get_list
from portal.places.queries import full_name_of
from portal.texts import Said, _, _l, msgid

TABLE, ROWS = "portal_alert_list", "portal_alert_list_row"
READ_JOB, SEND_JOB = "lists.read", "lists.send"
READ_AT_ONCE, SEND_AT_ONCE = 500, 5
PAUSE = timedelta(milliseconds=200)
KEPT = timedelta(days=7)
WAITS = timedelta(days=30)
MOST_CHILDREN = 20
SIGNS = {
    ListKind.PRISONERS: Sign.PARENT_IN_PRISON,
    ListKind.STUDENTS: Sign.NO_SCHOOL,
    ListKind.ORPHANS: Sign.ORPHAN,
}


def enter_basis(session: Session, actor: Actor, given: EnterBasis) -> ListBasis:
    """Enter on what an institution's lists of a kind rest; the privacy officer's act."""
    if actor.agency_id is None or actor.user_id is None:
        raise NotFound
    basis = ListBasis(
        **given.model_dump(),
        agency_id=actor.agency_id,
        opinion_by=actor.user_id,
        entered_at=clock.now(),
    )
    session.add(basis)
    session.flush()
    audit.record(session, actor, "lists.basis.enter", basis.id, kind=basis.kind.value)
    return basis


def end_basis(session: Session, actor: Actor, basis_id: UUID, *, until: date) -> ListBasis:
    """End a basis on a day; raises Invalid where that lies before its beginning."""
    basis = get_basis(session, actor, basis_id)
    if until < basis.since:
        raise Invalid(Problem("until", _l("The end must be after the beginning.")))
    basis.until = until
    session.flush()
    audit.record(session, actor, "lists.basis.end", basis.id)
    return basis


def hand_in(
    session: Session, actor: Actor, given: HandIn, content: bytes, *, locale: str
) -> AlertList:
    """Take a list in; the worker reads it. Nothing is sent before it was looked at and confirmed.

    Raises Invalid with all that `wrong_list` finds.
    """
    if actor.agency_id is None or actor.user_id is None:
        raise NotFound
    if problems := wrong_list(session, actor.agency_id, given.kind, content):
        raise Invalid(*problems)
    basis = basis_in_force(session, actor.agency_id, given.kind)
    made = AlertList(
        **given.model_dump(exclude_none=True),
        number=unused(session, col(AlertList.number), rules.new_number),
        agency_id=actor.agency_id,
        author_id=actor.user_id,
        basis_id=basis.id if basis else None,
        locale=locale,
        made_at=clock.now(),
    )
    text = base64.b64encode(content).decode()
    made.file_sealed = seal(session, made.id, TABLE, "file_sealed", made.id, text)
    session.add(made)
    session.flush()
    audit.record(session, actor, "lists.list.hand_in", made.id, kind=made.kind.value)
    events.add_job(session, READ_JOB, {"list": str(made.id)})
    return made


def wrong_list(
    session: Session, agency_id: UUID, kind: ListKind | None, content: bytes
) -> list[Problem]:
    """Return what stands against taking a list in: its file, and a kind without a legal basis.

    `kind` is None where none was chosen that holds: the form says the rest all the same.
    """
    problems: list[Problem] = []
    if kind in GUARDED and basis_in_force(session, agency_id, kind) is None:
        problems.append(Problem("kind", _without_basis(session, agency_id)))
    if not content:
        problems.append(Problem("file", _l("Choose the file with the list.")))
    elif len(content) > sheets.MOST_BYTES:
        too_large = _l("The file is too large: at most 2 MB. Divide the list.")
        problems.append(Problem("file", too_large))
    return problems


def _without_basis(session: Session, agency_id: UUID) -> Any:
    officers = people_with(session, agency_id, Role.PRIVACY_OFFICER)
    if not officers:
        return _l(
            "No legal basis is recorded for such a list (DS 016-2024-JUS art. 42), and your "
            "institution has no privacy officer to record it. Ask your administrator for one."
        )
    return _l(
        "No legal basis is recorded for such a list (DS 016-2024-JUS art. 42). %(name)s, privacy "
        "officer of your institution, can record it.",
        name=officers[0][1],
    )


def read_list(session: Session, payload: dict[str, Any]) -> None:
    """Read a list and decide what would become of each row; the work of the job.

    The file is gone through twice: whether all of it can be read, then some hundreds of rows at a
    time, so that a long list takes no more memory than a short one. A batch is ready before it
    takes the writer's lock, and a pause lets others write: they would else wait for all of them.
    Where it stopped it goes on.
    """
    list_id = UUID(payload["list"])
    with beside(session) as reading:
        made = reading.get(AlertList, list_id)
        if made is None or made.state is not ListState.READING or made.file_sealed is None:
            return
        text = unseal(reading, list_id, TABLE, "file_sealed", list_id, made.file_sealed)
        content, begun = base64.b64decode(text), made.rows_read
        with flask_babel.force_locale(made.locale):
            try:
                above, meaning, total = _measured(content)
            except sheets.Unreadable as refused:
                _settle_unreadable(session, list_id, refused.said)
                return
            for found in _checked(reading, made, content, meaning, above):
                left, begun = found[begun:], max(0, begun - len(found))
                if left:
                    _write_rows(session, list_id, _kept(reading, list_id, left), total=total)
                    session.commit()
                    sleep(PAUSE.total_seconds())
    made = session.get_one(AlertList, list_id)
    made.state, made.file_sealed = ListState.CHECKED, None
    session.flush()
    events.record(session, ListChecked(list_id))


Checked = tuple[int, RowState, rules.Child | None, Said | None]


def _measured(content: bytes) -> tuple[int, dict[int, str], int]:
    """Return where a file's rows begin, what its columns mean, how many say something.

    Raises Unreadable where any part of it cannot be read.
    """
    lines = sheets.read(content)
    first = list(islice(lines, rules.FIRST_ROWS))
    above, meaning = rules.find_header(first)
    total = sum(not rules.is_blank(line, meaning) for line in chain(first[above:], lines))
    if not meaning:
        raise sheets.Unreadable(
            msgid("No column of names was found. Put headings such as Nombres and Apellidos above.")
        )
    if not total:
        raise sheets.Unreadable(msgid("There is no row below the headings."))
    return above, meaning, total


def _checked(
    session: Session, made: AlertList, content: bytes, meaning: dict[int, str], above: int
) -> Iterator[list[Checked]]:
    """Yield the rows of a file, some hundreds at a time, with what would become of each."""
    author, seen = author_of(session, made), set[int]()
    numbered = enumerate(islice(sheets.read(content), above, None), start=above + 1)
    while batch := list(islice(numbered, READ_AT_ONCE)):
        found = list(_judged(made, batch, meaning))
        known = doubles.find(session, author, [each[2] for each in found], seen)
        for spot, said in known.items():
            number, _state, child, _why = found[spot]
            found[spot] = (number, RowState.DOUBLE, child, said)
        yield found


def _judged(
    made: AlertList, lines: Sequence[tuple[int, sheets.Row]], meaning: dict[int, str]
) -> Iterator[Checked]:
    for number, line in lines:
        try:
            child = rules.read_row(line, meaning, district=made.district)
        except rules.WrongRow as wrong:
            yield number, RowState.WRONG, None, wrong.said
            continue
        if child is not None:
            yield number, RowState.READY, child, None


def author_of(session: Session, made: AlertList) -> Actor:
    """Return who handed a list in, as far as the work on it needs a role."""
    agency = get_agency(session, made.agency_id)
    coordinators = {user_id for user_id, _name in people_with(session, agency.id, Role.COORDINATOR)}
    role = Role.COORDINATOR if made.author_id in coordinators else Role.CASEWORKER
    return Actor(
        user_id=made.author_id,
        agency_id=agency.id,
        agency_kind=agency.kind,
        roles=frozenset({role}),
        agency_name=agency.name,
    )


def _settle_unreadable(session: Session, list_id: UUID, said: Said) -> None:
    made = session.get_one(AlertList, list_id)
    made.state, made.why, made.file_sealed = ListState.UNREADABLE, said.kept, None
    made.ended_at = clock.now()
    session.flush()


def _kept(reading: Session, list_id: UUID, found: Sequence[Checked]) -> list[dict[str, Any]]:
    """Return rows as they are kept, sealed under the list's key, which its file made."""
    keys = load_keys(reading, [list_id])
    made: list[dict[str, Any]] = []
    for number, state, child, why in found:
        own, cell = new_id(), None
        if child is not None:
            text = json.dumps(child.kept)
            cell = seal(reading, list_id, ROWS, "data_sealed", own, text)
        made.append(
            {
                "id": own,
                "list_id": list_id,
                "number": number,
                "state": state,
                "family": child.family if child else "",
                "data_sealed": cell,
                "why": why.kept if why else [],
            }
        )
    del keys
    return made


def _write_rows(
    session: Session, list_id: UUID, made: Sequence[dict[str, Any]], *, total: int
) -> None:
    session.execute(sa.insert(ListRow), made)
    session.execute(
        sa.update(AlertList)
        .where(col(AlertList.id) == list_id)
        .values(rows_total=total, rows_read=col(AlertList.rows_read) + len(made))
    )


def confirm_list(session: Session, actor: Actor, list_id: UUID, *, doubles: bool) -> AlertList:
    """Let the worker send what was checked; raises Conflict where that was decided already."""
    made = get_list(session, actor, list_id)
    made.confirm(doubles=doubles)
    session.flush()
    audit.record(session, actor, "lists.list.confirm", made.id, doubles=doubles)
    events.add_job(session, SEND_JOB, {"list": str(made.id)})
    return made


def cancel_list(session: Session, actor: Actor, list_id: UUID) -> AlertList:
    """End a list with nothing sent; what its rows say goes at once."""
    made = get_list(session, actor, list_id)
    made.cancel(clock.now())
    _empty(session, made)
    audit.record(session, actor, "lists.list.cancel", made.id)
    return made


def send_list(session: Session, payload: dict[str, Any]) -> None:
    """Send some of a list's rows as alerts and ask for the next turn; the work of the job.

    The rows that are left say where it stands: a worker that dies repeats nothing.
    """
    made = session.get(AlertList, UUID(payload["list"]))
    if made is None or made.state is not ListState.SENDING:
        return
    author = author_of(session, made)
    # What is written into an alert is in the language of those who attend to it.
    with flask_babel.force_locale("es"):
        for _turn in range(SEND_AT_ONCE):
            group = _next_group(session, made)
            if not group:
                _finish(session, made)
                return
            _send_group(session, author, made, group)
    session.flush()
    events.add_job(session, SEND_JOB, payload, due_at=clock.now() + PAUSE)


def _next_group(session: Session, made: AlertList) -> Sequence[ListRow]:
    """Return the next row to send, with the others of its family."""
    states = [RowState.READY, *([RowState.DOUBLE] if made.sends_doubles else [])]
    waiting = (
        sa.select(ListRow)
        .where(col(ListRow.list_id) == made.id, col(ListRow.state).in_(states))
        .order_by(col(ListRow.number))
    )
    first = session.scalar(waiting.limit(1))
    if first is None or not first.family:
        return [first] if first else []
    return session.scalars(
        waiting.where(col(ListRow.family) == first.family).limit(MOST_CHILDREN)
    ).all()


def _send_group(session: Session, author: Actor, made: AlertList, group: Sequence[ListRow]) -> None:
    children = [child_of(session, row) for row in group]
    first = children[0]
    place = full_name_of(first.district)
    given = SendAlert(
        children=[child.person for child in children],
        district=first.district,
        where=first.where or _("Not said in the list: %(place)s", place=place),
        situation=made.situation,
        signs=[SIGNS[made.kind]],
        what_happens=_told(made, first),
        telephone=made.telephone,
    )
    try:
        alert = send_alert(session, author, given, list_id=made.id)
    except Invalid as refused:
        for row in group:
            row.state, row.why = RowState.WRONG, Said(str(refused.problems[0].message)).kept
            row.data_sealed = None
        return
    for row in group:
        row.state, row.alert_id, row.data_sealed = RowState.SENT, alert.id, None
    made.rows_done += len(group)
    session.flush()


def child_of(session: Session, row: ListRow) -> rules.Child:
    """Return what a row says; only for a row that holds it still."""
    text = unseal(session, row.list_id, ROWS, "data_sealed", row.id, row.data_sealed or b"")
    return rules.Child.revive(json.loads(text))


def _told(made: AlertList, child: rules.Child) -> str:
    lead = {
        ListKind.PRISONERS: _("From a list of children of people in prison."),
        ListKind.STUDENTS: _("From a list of pupils who left school."),
        ListKind.ORPHANS: _("From a list of children who lost mother or father."),
    }[made.kind]
    parts = [lead]
    if child.adult:
        parts.append(_("Adult named: %(name)s.", name=child.adult))
    if child.institution:
        parts.append(_("Establishment: %(name)s.", name=child.institution))
    return " ".join([*parts, child.words])[:2000]


def _finish(session: Session, made: AlertList) -> None:
    made.state, made.ended_at = ListState.DONE, clock.now()
    session.execute(
        sa.update(ListRow)
        .where(col(ListRow.list_id) == made.id, col(ListRow.state) == RowState.DOUBLE)
        .values(state=RowState.SKIPPED)
    )
    session.flush()
    authorities = session.scalars(
        sa.select(col(Alert.authority_id)).where(col(Alert.list_id) == made.id).distinct()
    )
    for agency_id in authorities.all():
        events.record(session, ListSent(made.id, agency_id))


def forget_lists(session: Session) -> int:
    """Empty lists that ended a week ago, and cancel those nobody decided on for 30 days.

    Returns how many.
    """
    now = clock.now()
    old = session.scalars(
        sa.select(AlertList).where(
            col(AlertList.emptied_at).is_(None),
            sa.or_(
                col(AlertList.ended_at) < now - KEPT,
                sa.and_(
                    col(AlertList.state) == ListState.CHECKED,
                    col(AlertList.made_at) < now - WAITS,
                ),
            ),
        )
    ).all()
    for made in old:
        if made.state is ListState.CHECKED:
            made.cancel(now)
        _empty(session, made)
    return len(old)


def _empty(session: Session, made: AlertList) -> None:
    """Empty what a list's rows said, and destroy its key so that no copy opens again."""
    session.execute(
        sa.update(ListRow)
        .where(col(ListRow.list_id) == made.id)
        .values(data_sealed=None, why=[], family="")
    )
    destroy(session, [made.id])
    made.file_sealed, made.emptied_at = None, clock.now()
    session.flush()
