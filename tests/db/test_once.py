"""Statements put together once: shared by a kind of actor, and of no person and no moment."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import StatementError
from sqlmodel import Session, col

from portal import clock
from portal.access.models import Membership
from portal.actor import Actor, AgencyKind, Role
from portal.agencies.models import Agency
from portal.db import NOW, TODAY, acting, among, given, listed, new_id, once
from tests.factories.agencies import make_agency, make_member

BUILT: list[str] = []
THEN = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)


@once
def own_roles(actor: Actor, limit: int = 9) -> "sa.Select[UUID | None]":
    BUILT.append(actor.agency_kind or "")
    mine = col(Membership.user_id) == actor.user_id
    return sa.select(col(Membership.agency_id)).where(mine).limit(limit)


@once
def moments(actor: Actor) -> "sa.Select[datetime, str]":
    return sa.select(NOW, TODAY)


@once
def held_now(actor: Actor) -> "sa.Select[datetime]":
    return sa.select(sa.literal(clock.now()))


@once
def by_permission(actor: Actor) -> "sa.Select[bool]":
    return sa.select(sa.literal(actor.may("cases.case.read")))


@once
def by_id(actor: Actor, case_id: UUID) -> "sa.Select[UUID]":
    return sa.select(sa.literal(case_id))


def actor_of(user_id: UUID, agency_id: UUID | None, *roles: Role) -> Actor:
    return Actor(user_id, agency_id, AgencyKind.UPE, frozenset(roles))


def test_actors_of_one_kind_share_a_statement_and_each_finds_their_own(session: Session) -> None:
    agencies = [make_agency(session, name, AgencyKind.UPE) for name in ("Una", "Otra")]
    people = [make_member(session, agency, Role.CASEWORKER) for agency in agencies]
    session.flush()
    actors = [
        actor_of(person.id, agency.id, Role.CASEWORKER)
        for person, agency in zip(people, agencies, strict=True)
    ]
    BUILT.clear()
    statements = [own_roles(actor) for actor in actors]
    assert statements[0] is statements[1]
    assert BUILT == [AgencyKind.UPE]
    found = [session.scalars(own_roles(actor), acting(actor)).all() for actor in actors]
    assert found == [[agency.id] for agency in agencies]
    with pytest.raises(StatementError, match="acting_user_id"):
        session.scalars(own_roles(actors[0])).all()


def test_another_role_or_shape_is_another_statement() -> None:
    one, two = new_id(), new_id()
    plain = own_roles(actor_of(one, two, Role.CASEWORKER))
    assert own_roles(actor_of(one, two, Role.COORDINATOR)) is not plain
    assert own_roles(actor_of(one, None, Role.CASEWORKER)) is not plain
    assert own_roles(actor_of(one, two, Role.CASEWORKER), 3) is not plain
    assert own_roles(actor_of(two, one, Role.CASEWORKER)) is plain


def test_the_moment_is_that_of_the_execution(session: Session) -> None:
    actor = actor_of(new_id(), None)
    for hour in (5, 6):
        moment = THEN.replace(day=hour, hour=3)
        with clock.at(moment):
            [(now, day)] = session.execute(moments(actor), acting(actor)).all()
        assert abs(now - moment).total_seconds() < 5
        assert day == moment.astimezone(clock.LIMA).date()


@pytest.mark.parametrize(
    ("build", "error"),
    [(held_now, RuntimeError), (by_permission, TypeError)],
)
def test_what_is_of_one_moment_or_one_person_is_refused(
    build: Callable[[Actor], object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        build(actor_of(new_id(), None))
    assert clock.now().tzinfo is UTC


def test_an_identifier_is_no_shape() -> None:
    with pytest.raises(TypeError, match="given"):
        by_id(actor_of(new_id(), None), new_id())


def test_many_values_come_as_a_list(session: Session) -> None:
    agency = make_agency(session, "Una", AgencyKind.UPE)
    users = [make_member(session, agency, Role.CASEWORKER).id for _ in range(3)]
    session.flush()
    mine = sa.select(col(Membership.user_id)).where(
        col(Membership.user_id).in_(given("users", many=True))
    )
    for chosen in (users[:2], users[1:], []):
        assert set(session.scalars(mine, {"users": chosen})) == set(chosen)


def test_texts_come_as_one_value_whatever_stands_in_them(session: Session) -> None:
    for name in ("Una", "Otra", 'De "comillas" y ñandú'):
        make_agency(session, name, AgencyKind.UPE)
    session.flush()
    named = sa.select(col(Agency.code)).where(among(col(Agency.code), "names"))
    for chosen in (["Una"], ['De "comillas" y ñandú', "Ninguna"], []):
        found = set(session.scalars(named, {"names": listed(chosen)}))
        assert found == {name for name in chosen if name != "Ninguna"}
