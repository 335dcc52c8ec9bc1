"""Agencies and people for tests: synthetic, with names that nobody has."""

from datetime import timedelta
from functools import cache

from sqlmodel import Session

from portal import clock
from portal.access.models import DutyShift, Membership
from portal.actor import Actor, AgencyKind, Role
from portal.agencies.models import Agency
from portal.db import new_id
from portal.users.models import User
from portal.users.passwords import make_hash

PASSWORD = "tangara pucacuro caimito"


def make_agency(
    session: Session,
    code: str = "UPE-SM",
    kind: AgencyKind = AgencyKind.UPE,
    name: str = "",
    district: str = "220901",
) -> Agency:
    """Add an agency."""
    agency = Agency(code=code, name=name or f"Agency {code}", kind=kind, district=district)
    session.add(agency)
    session.flush()
    return agency


def make_user(session: Session, name: str = "Persona de Prueba") -> User:
    """Add a person with an account that nobody can sign in to by password."""
    user = User(
        username=f"u{new_id().hex[-10:]}", name=name, password_hash="-", created_at=clock.now()
    )
    session.add(user)
    session.flush()
    return user


def give_password(session: Session, user: User) -> None:
    """Let a person sign in by `PASSWORD`."""
    user.password_hash = _hash_of_password()
    session.add(user)
    session.flush()


@cache
def _hash_of_password() -> str:
    return make_hash(PASSWORD, weak=True)


def make_member(
    session: Session, agency: Agency | None, *roles: Role, name: str = "Persona"
) -> User:
    """Add a person who holds roles in an agency (None: on the instance)."""
    user = make_user(session, name)
    for role in roles:
        session.add(
            Membership(
                user_id=user.id,
                agency_id=agency.id if agency else None,
                role=role,
                since=clock.now(),
            )
        )
    session.flush()
    return user


def make_actor(
    session: Session, agency: Agency | None, *roles: Role, on_duty: bool = False
) -> Actor:
    """Return an actor with roles in an agency, as a request would find it."""
    user = make_member(session, agency, *roles)
    return Actor(
        user_id=user.id,
        agency_id=agency.id if agency else None,
        agency_kind=agency.kind if agency else None,
        roles=frozenset(roles),
        on_duty=on_duty,
        name=user.name,
        agency_name=agency.name if agency else "",
    )


def put_on_duty(session: Session, agency: Agency, user: User, hours: int = 8) -> DutyShift:
    """Put a person on an agency's roster from an hour ago."""
    shift = DutyShift(
        agency_id=agency.id,
        user_id=user.id,
        telephone="942 000 100",
        starts_at=clock.now() - timedelta(hours=1),
        ends_at=clock.now() + timedelta(hours=hours),
    )
    session.add(shift)
    session.flush()
    return shift
