"""Who sees which list, and what its pages read."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.actor import Actor, Role
from portal.agencies.models import Agency
from portal.alerts.models import WAITING, Alert
from portal.alerts.queries import stands_alone
from portal.db import AnyColumns, acting, once, rows
from portal.errors import NotFound
from portal.events.work import LATELY, LongWork
from portal.host.slots import HomeGroup, HomeItem, Tone
from portal.lists.labels import STATE
from portal.lists.models import AlertList, ListBasis, ListKind, ListRow, ListState, RowState
from portal.texts import _, _n
from portal.users.models import User

Condition = sa.ColumnElement[bool]
PAGE = 50


def visible_lists(actor: Actor) -> Condition:
    """Return where `AlertList` rows are visible: to who handed it in, and to coordinators there."""
    if actor.is_system:
        return sa.true()
    if actor.agency_id is None:
        return sa.false()
    own = col(AlertList.agency_id) == actor.agency_id
    if actor.has_role(Role.COORDINATOR):
        return own
    return sa.and_(own, col(AlertList.author_id) == actor.user_id)


def get_list(session: Session, actor: Actor, list_id: UUID) -> AlertList:
    """Return a visible list and note the read; raises NotFound."""
    found = session.scalar(
        sa.select(AlertList).where(col(AlertList.id) == list_id, visible_lists(actor))
    )
    if found is None:
        raise NotFound
    audit.note_read(session, actor, "lists.list.read", found.id)
    return found


@dataclass(frozen=True, slots=True)
class ListLine:
    """A list among others: never what it holds."""

    id: UUID
    number: str
    kind: ListKind
    state: ListState
    made_at: datetime
    rows_total: int
    rows_done: int
    author: str


def list_lists(
    session: Session,
    actor: Actor,
    *,
    before: tuple[datetime, UUID] | None = None,
    limit: int = PAGE,
) -> list[ListLine]:
    """Return the visible lists, the newest first."""
    statement: AnyColumns = (
        sa.select(
            col(AlertList.id),
            col(AlertList.number),
            col(AlertList.kind),
            col(AlertList.state),
            col(AlertList.made_at),
            col(AlertList.rows_total),
            col(AlertList.rows_done),
            col(User.name),
        )
        .join(User, col(User.id) == col(AlertList.author_id))
        .where(visible_lists(actor))
        .order_by(col(AlertList.made_at).desc(), col(AlertList.id).desc())
        .limit(limit)
    )
    if before is not None:
        place = sa.tuple_(col(AlertList.made_at), col(AlertList.id))
        statement = statement.where(place < sa.tuple_(*before))
    return [ListLine(*row) for row in rows(session, statement)]


def long_work(session: Session, actor: Actor, limit: int) -> list[LongWork]:
    """Return the visible lists that are read or sent now, or were handed in lately."""
    working = col(AlertList.state).in_([ListState.READING, ListState.SENDING])
    lately = col(AlertList.made_at) > clock.now() - LATELY
    statement: AnyColumns = (
        sa.select(AlertList, col(User.name))
        .join(User, col(User.id) == col(AlertList.author_id))
        .where(visible_lists(actor), sa.or_(working, lately))
        .order_by(working.desc(), col(AlertList.made_at).desc(), col(AlertList.id).desc())
        .limit(limit)
    )
    return [
        LongWork(
            title=_("List %(number)s", number=made.number),
            url=f"/lists/{made.id}",
            state=STATE[made.state],
            asked_at=made.made_at,
            author=author,
            is_running=made.is_working,
            percent=made.percent,
        )
        for made, author in rows(session, statement)
    ]


def count_rows(session: Session, made: AlertList) -> dict[RowState, int]:
    """Return how many rows of a list stand in each state."""
    statement: AnyColumns = (
        sa.select(col(ListRow.state), sa.func.count())
        .where(col(ListRow.list_id) == made.id)
        .group_by(col(ListRow.state))
    )
    return {RowState(state): count for state, count in rows(session, statement)}


def list_rows(
    session: Session, made: AlertList, *, state: RowState | None, after: int = 0, limit: int = PAGE
) -> list[ListRow]:
    """Return rows of a list that was read already, in the order of the file, after a number."""
    statement = (
        sa.select(ListRow)
        .where(col(ListRow.list_id) == made.id, col(ListRow.number) > after)
        .order_by(col(ListRow.number))
        .limit(limit)
    )
    if state is not None:
        statement = statement.where(col(ListRow.state) == state)
    return list(session.scalars(statement))


def codes_of(session: Session, found: list[ListRow]) -> dict[UUID, str]:
    """Return the codes of the alerts that rows became."""
    ids = {row.alert_id for row in found if row.alert_id}
    statement: AnyColumns = sa.select(col(Alert.id), col(Alert.code)).where(col(Alert.id).in_(ids))
    return dict(rows(session, statement)) if ids else {}


def basis_in_force(
    session: Session, agency_id: UUID, kind: ListKind, day: date | None = None
) -> ListBasis | None:
    """Return on what an institution's lists of a kind rest on a day (today), or None."""
    on = day or clock.today()
    return session.scalar(
        sa.select(ListBasis)
        .where(
            col(ListBasis.agency_id) == agency_id,
            col(ListBasis.kind) == kind,
            col(ListBasis.since) <= on,
            sa.or_(col(ListBasis.until).is_(None), col(ListBasis.until) > on),
        )
        .order_by(col(ListBasis.since).desc())
        .limit(1)
    )


@dataclass(frozen=True, slots=True)
class BasisLine:
    """A basis with who gave the opinion."""

    basis: ListBasis
    officer: str


def list_bases(session: Session, actor: Actor, *, limit: int = PAGE) -> list[BasisLine]:
    """Return the bases of the acting institution, the newest first."""
    statement: AnyColumns = (
        sa.select(ListBasis, col(User.name))
        .join(User, col(User.id) == col(ListBasis.opinion_by))
        .where(col(ListBasis.agency_id) == actor.agency_id)
        .order_by(col(ListBasis.entered_at).desc())
        .limit(limit)
    )
    return [BasisLine(*row) for row in rows(session, statement)]


def get_basis(session: Session, actor: Actor, basis_id: UUID) -> ListBasis:
    """Return a basis of the acting institution; raises NotFound."""
    found = session.get(ListBasis, basis_id)
    if found is None or found.agency_id != actor.agency_id:
        raise NotFound
    return found


def home_items(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return the own lists that were read and wait for a decision, and those whose alerts wait.

    The pressing ones among the alerts stand by themselves.
    """
    return _undecided(session, actor, limit) + _to_assess(session, actor, limit)


def _undecided(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    if not actor.may("lists.list.send"):
        return []
    return [
        HomeItem(
            when=made_at,
            tone=Tone.DUE_SOON,
            title=_("List %(number)s: decide what is sent", number=number),
            note=_("Nothing of it was sent yet"),
            url=f"/lists/{list_id}",
            action_label=_("See row by row"),
            group=HomeGroup.ALERTS,
        )
        for list_id, number, made_at in rows(session, _checked(actor, limit), acting(actor))
    ]


@once
def _checked(actor: Actor, limit: int) -> AnyColumns:
    return (
        sa.select(col(AlertList.id), col(AlertList.number), col(AlertList.made_at))
        .where(visible_lists(actor), col(AlertList.state) == ListState.CHECKED)
        .order_by(col(AlertList.made_at))
        .limit(limit)
    )


def _to_assess(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    if not actor.attends:
        return []
    return [
        HomeItem(
            when=made_at,
            tone=Tone.DUE_SOON,
            title=_n(
                "%(num)s alert of list %(number)s waits",
                "%(num)s alerts of list %(number)s wait",
                count,
                number=number,
            ),
            note=_("Sent by %(agency)s", agency=agency),
            url=f"/alerts?list={list_id}",
            action_label=_("Assess"),
            group=HomeGroup.ALERTS,
        )
        for list_id, number, made_at, agency, count in rows(
            session, _waiting(actor, limit), acting(actor)
        )
    ]


@once
def _waiting(actor: Actor, limit: int) -> AnyColumns:
    return (
        sa.select(
            col(AlertList.id),
            col(AlertList.number),
            col(AlertList.made_at),
            col(Agency.name),
            sa.func.count(col(Alert.id)),
        )
        .join(Alert, col(Alert.list_id) == col(AlertList.id))
        .join(Agency, col(Agency.id) == col(AlertList.agency_id))
        .where(
            col(Alert.authority_id) == actor.agency_id,
            col(Alert.status).in_(WAITING),
            ~stands_alone(),
        )
        .group_by(
            col(AlertList.id), col(AlertList.number), col(AlertList.made_at), col(Agency.name)
        )
        .order_by(col(AlertList.made_at))
        .limit(limit)
    )
