"""Mandatory notices in the demonstration: given, waiting, and one that nobody gave."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from portal import clock
from portal.cases.queries import children_of
from portal.duties import services
from portal.duties.inputs import AddSign, Confirm, TellByLetter, TellByReferral
from portal.duties.models import OPEN, Duty, Sign
from portal.referrals.inputs import AnswerReferral
from portal.referrals.models import Referral
from portal.referrals.services import accept_referral, answer_referral

if TYPE_CHECKING:
    from portal.demo.world import Builder

UPE = "upe"
SCHOOL, FOREIGN, VIOLENCE = "caso-3", "caso-7", "caso-9"


def make_duties(made: "Builder") -> None:
    """Give what the alerts' signs oblige to; leave a UGEL untold, as audits found it."""
    _give_the_prosecutors(made)
    _school_staff(made)
    _foreign_child(made)
    _family_violence(made)


def _open(made: "Builder", case_id: UUID | None = None) -> list[Duty]:
    with made.db.read() as session:
        statement = sa.select(Duty).where(col(Duty.status).in_(OPEN)).order_by(col(Duty.due_at))
        if case_id is not None:
            statement = statement.where(col(Duty.case_id) == case_id)
        return list(session.scalars(statement))


def _give_the_prosecutors(made: "Builder") -> None:
    """Write to the prosecutor of each crime that an alert told of, and note the file's number."""
    for number, duty in enumerate(_open(made), start=141):
        at = min(duty.known_at + timedelta(hours=3), clock.now() - timedelta(minutes=20))
        _write(made, duty, "FIS-FAM", f"Oficio {number}-2026-UPE-SM", at)
        later = min(at + timedelta(hours=5), clock.now() - timedelta(minutes=10))
        _confirm(made, duty, f"Carpeta fiscal {number + 600}-2026", later)


def _write(made: "Builder", duty: Duty, to: str, document: str, at: datetime) -> None:
    with made.acting(UPE, at) as (session, actor):
        services.tell_by_letter(
            session,
            actor,
            duty.id,
            TellByLetter(agency_id=made.agencies[to], document=document, dated=clock.today()),
        )


def _confirm(made: "Builder", duty: Duty, document: str, at: datetime) -> None:
    with made.acting(UPE, at) as (session, actor):
        services.confirm(session, actor, duty.id, Confirm(document=document, dated=clock.today()))


def _before(days: int, hours: int) -> datetime:
    return clock.now() - timedelta(days=days, hours=hours)


def _sign(made: "Builder", case: str, sign: Sign, days: int) -> dict[str, Duty]:
    """Record a sign on a case some days ago; return its notices by the last word of their code."""
    with made.acting(UPE, _before(days, 5)) as (session, actor):
        services.add_sign(session, actor, made.cases[case], AddSign(sign=sign))
    found = _open(made, made.cases[case])
    return {each.rule_code.rsplit(".", 1)[1]: each for each in found}


def _tell(made: "Builder", duty: Duty, account: str, to: str, document: str, days: int) -> None:
    """Tell an institution by the portal; it takes it on and answers with its own document."""
    with made.acting(UPE, _before(days, 4)) as (session, actor):
        children = children_of(session, [duty.case_id])[duty.case_id]
        given = TellByReferral(
            to_agency_id=made.agencies[to],
            asked="Se ponen en su conocimiento los hechos para los fines de su competencia.",
            person_ids=[child.person_id for child in children],
            identity_fields=[],
        )
        services.tell_by_referral(session, actor, duty.id, given)
    with made.acting(account, _before(days, 1)) as (session, actor):
        referral_id = session.scalars(
            sa.select(col(Referral.id)).where(
                col(Referral.case_id) == duty.case_id,
                col(Referral.to_agency_id) == made.agencies[to],
            )
        ).one()
        accept_referral(session, actor, referral_id)
        answer = AnswerReferral(answer="Recibido; se abre la investigación.", document=document)
        answer_referral(session, actor, referral_id, answer)


def _school_staff(made: "Builder") -> None:
    """A teacher is suspected: the prosecutor was told, and nobody told the UGEL."""
    found = _sign(made, SCHOOL, Sign.SCHOOL_STAFF, 4)
    _tell(made, found["prosecutor"], "fiscalia", "FIS-FAM", "Carpeta fiscal 812-2026", 4)


def _foreign_child(made: "Builder") -> None:
    """A consulate, which no portal reaches, was written to today."""
    found = _sign(made, FOREIGN, Sign.FOREIGN_CHILD, 0)
    with made.acting(UPE, clock.now() - timedelta(minutes=15)) as (session, actor):
        services.tell_by_letter(
            session,
            actor,
            found["consulate"].id,
            TellByLetter(
                addressee="Consulado del país de origen",
                document="Oficio 171-2026-UPE-SM",
                dated=clock.today(),
            ),
        )


def _family_violence(made: "Builder") -> None:
    """The police was told and answered; the notice to the court was refused with its reason."""
    found = _sign(made, VIOLENCE, Sign.FAMILY_VIOLENCE, 6)
    _write(made, found["police"], "PNP-FAM", "Oficio 139-2026-UPE-SM", _before(6, 3))
    _confirm(made, found["police"], "Denuncia 455-2026", _before(6, 1))
    with made.acting(UPE, clock.now() - timedelta(days=5)) as (session, actor):
        services.refuse(
            session,
            actor,
            found["court"].id,
            reason="La comisaría ya remitió lo actuado al juzgado, expediente 230-2026",
        )
