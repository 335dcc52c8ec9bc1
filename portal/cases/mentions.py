"""Mentions of colleagues in an entry (`@name`): told only to those who may read that very entry.

Whom a writer may not know to read it is refused by the name as it was typed, in the same words
whether there is no such account, it has no part in the case, or it may not see this one.
"""

import re
from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import events
from portal.access.models import Membership
from portal.access.queries import is_held
from portal.actor import CASE_ROLES, Actor, AgencyKind, Role
from portal.agencies.models import Agency
from portal.cases.events import EntryMentioned
from portal.cases.models import Case, CaseParty, Circle, Entry
from portal.cases.visibility import access_to, is_current, opens_sealed, visible_entries
from portal.db import rows
from portal.errors import Invalid, Problem
from portal.texts import _l
from portal.users.models import User

# A name after an @ that does not follow a letter: an address of mail mentions nobody.
MENTION = re.compile(r"(?<![\w@.])@(\w[\w.\-]{0,58}\w|\w)")
MOST = 10


def names_in(text: str) -> list[str]:
    """Return the names mentioned in a text, each once, in its order."""
    return list(dict.fromkeys(name.lower() for name in MENTION.findall(text)))


def mention(session: Session, actor: Actor, case: Case, entry: Entry, names: list[str]) -> None:
    """Let the people named know of an entry just written, each once.

    Raises Invalid, by name, where one of them may not read it: the caller writes nothing then.
    """
    if len(names) > MOST:
        raise Invalid(Problem("text", _l("Mention at most %(count)s people.", count=MOST)))
    if not names:
        return
    readers = _readers(session, actor, case, entry, names)
    refused = [name for name in names if name not in readers]
    if refused:
        said = ", ".join(f"@{name}" for name in refused)
        raise Invalid(
            Problem("text", _l("They will not read this: %(names)s. Take them out.", names=said))
        )
    for person in readers.values():
        user_id, agency_id = person.user_id, person.agency_id
        if user_id is not None and agency_id is not None and user_id != actor.user_id:
            events.record(session, EntryMentioned(case.id, entry.id, user_id, agency_id))


def _readers(
    session: Session, actor: Actor, case: Case, entry: Entry, names: Collection[str]
) -> dict[str, Actor]:
    """Return those named who read the entry, as who they do; one's own colleagues first."""
    found: dict[str, Actor] = {}
    for name, person in _people(session, actor, case, names):
        if name in found:
            continue
        rule = visible_entries(person)
        if entry.circle is Circle.SEALED:
            rule = sa.and_(rule, opens_sealed(person))
        reads = sa.select(sa.exists().where(col(Entry.id) == entry.id, rule))
        if session.scalar(reads):
            found[name] = person
    return found


def _people(
    session: Session, actor: Actor, case: Case, names: Collection[str]
) -> list[tuple[str, Actor]]:
    """Return whom the writer may know to be at the table: colleagues, and for who reads all others.

    A person of two institutions comes twice.
    """
    agencies = sa.select(col(CaseParty.agency_id)).where(
        col(CaseParty.case_id) == case.id, is_current()
    )
    known = col(Membership.agency_id) == actor.agency_id
    if access_to(session, actor, case).reads_all:
        known = sa.or_(known, col(Membership.agency_id).in_(agencies))
    held: dict[tuple[str, UUID, UUID, AgencyKind], set[Role]] = defaultdict(set)
    for name, user_id, agency_id, kind, role in rows(
        session,
        sa.select(
            col(User.username), col(User.id), col(Agency.id), col(Agency.kind), col(Membership.role)
        )
        .join(Membership, col(Membership.user_id) == col(User.id))
        .join(Agency, col(Agency.id) == col(Membership.agency_id))
        .where(
            col(User.username).in_(names),
            col(User.disabled_at).is_(None),
            col(Membership.role).in_(CASE_ROLES),
            is_held(),
            known,
        )
        .order_by(col(Agency.id) != actor.agency_id, col(Agency.id)),
    ):
        held[name, user_id, agency_id, kind].add(role)
    return [
        (name, Actor(user_id, agency_id, kind, frozenset(roles)))
        for (name, user_id, agency_id, kind), roles in held.items()
    ]


def list_colleagues(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """Return whom one may mention in one's own institution: account and name."""
    statement = (
        sa.select(col(User.username), col(User.name))
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(
            col(Membership.agency_id) == actor.agency_id,
            col(Membership.role).in_(CASE_ROLES),
            is_held(),
            col(User.disabled_at).is_(None),
            col(User.id) != actor.user_id,
        )
        .distinct()
        .order_by(col(User.name))
        .limit(50)
    )
    return list(rows(session, statement))
