"""Who works at the UPE of the demonstration: signers, a replacement with dates, a past review."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from portal import clock
from portal.access.inputs import AddSigner
from portal.access.models import ReviewDecision, SignerAct, SignerStanding
from portal.access.reviews import confirm, decide, list_lines, open_review
from portal.access.services import grant_role
from portal.access.signers import add_signer
from portal.actor import Role, system_actor
from portal.users.services import create_user

if TYPE_CHECKING:
    from portal.demo.world import Builder

UNIT = "UPE-SM"
REVIEWED_DAYS_AGO = 40


def make_staff(made: "Builder") -> None:
    """Add what an administrator of an agency keeps."""
    _replacement(made)
    _signers(made)
    _review(made)


def _replacement(made: "Builder") -> None:
    """Create a person who comes next week for a month and has not signed in yet."""
    with made.db.write() as session:
        user = create_user(
            session, system_actor(), username="reemplazo", name="Delia Bolaina Cumala"
        )
        begin = clock.now() + timedelta(days=7)
        grant_role(
            session,
            system_actor(),
            user_id=user.id,
            agency_id=made.agencies[UNIT],
            role=Role.CASEWORKER,
            since=begin,
            until=begin + timedelta(days=30),
            post="Psicóloga (reemplazo)",
        )


def _signers(made: "Builder") -> None:
    year = clock.today().year
    given = (
        ("upe", SignerStanding.TITULAR, SignerAct.ANY, "RM 101", "Directora de la UPE"),
        ("psicologia", SignerStanding.ALTERNATE, SignerAct.DATA_ANSWER, "RD 014", "Psicólogo"),
    )
    for username, standing, act, resolution, post in given:
        with made.db.write() as session:
            add_signer(
                session,
                made.actors["adminupe"],
                AddSigner(
                    user_id=made.actors[username].user_id,
                    post=post,
                    standing=standing,
                    act=act,
                    resolution=f"{resolution}-{year} (demostración)",
                    resolved_on=date(year, 3, 2),
                    since=date(year, 3, 3),
                ),
            )


def _review(made: "Builder") -> None:
    """Review the UPE's roles some weeks ago, with everybody kept: by the two who do it."""
    at = clock.now() - timedelta(days=REVIEWED_DAYS_AGO)
    with clock.at(at), made.db.write() as session:
        review = open_review(
            session, system_actor(made.agencies[UNIT]), made.agencies[UNIT], days=30
        )
    with clock.at(at + timedelta(days=3)), made.db.write() as session:
        keep = {line.id: ReviewDecision.KEEP for line in list_lines(session, review)}
        decide(session, made.actors["adminupe"], review.id, keep)
    with clock.at(at + timedelta(days=5)), made.db.write() as session:
        confirm(session, made.actors["datosupe"], review.id)
