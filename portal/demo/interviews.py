"""Interviews in the demonstration: a single one whose report is justice's, and one at a school."""

from datetime import timedelta
from typing import TYPE_CHECKING

from portal import clock
from portal.cases.queries import children_of
from portal.interviews.inputs import RecordInterview
from portal.interviews.services import record_interview

if TYPE_CHECKING:
    from portal.demo.world import Builder

CASE = "hermanos"


def make_interviews(made: "Builder") -> None:
    """Let the DEMUNA and the prosecutor's office have heard the eldest of two siblings."""
    case_id = made.cases[CASE]
    at = clock.now() - timedelta(days=3)
    demuna = made.agencies["DEM-LAM"]
    with made.acting("demuna", at) as (session, actor):
        eldest = children_of(session, [case_id])[case_id][0].person_id
        record_interview(
            session,
            actor,
            case_id,
            eldest,
            RecordInterview.model_validate(
                {
                    "kind": "psychological",
                    "heard_on": clock.today(),
                    "agency_id": demuna,
                    "heard_by": "Psicología, en sala reservada",
                    "subject": "Con quién vivieron desde la internación de la madre",
                    "holder_id": demuna,
                    "report": "Informe psicológico 33-2026",
                }
            ),
        )
    with made.acting("upe", at + timedelta(days=1)) as (session, actor):
        record_interview(
            session,
            actor,
            case_id,
            eldest,
            RecordInterview.model_validate(
                {
                    "kind": "single",
                    "heard_on": clock.today(),
                    "agency_id": made.agencies["FIS-FAM"],
                    "heard_by": "Cámara Gesell del distrito fiscal",
                    "subject": "Hechos de la carpeta fiscal",
                    "holder_id": made.agencies["FIS-FAM"],
                    "report": "Acta de entrevista única 18-2026",
                    "may_ask": "justice",
                    "again_why": "Prueba anticipada dispuesta por la fiscalía",
                    "seen": 1,
                }
            ),
        )
