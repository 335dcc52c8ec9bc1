"""A child whom two institutions know without knowing of each other, in the demonstration."""

from datetime import timedelta
from typing import TYPE_CHECKING

from portal import clock
from portal.alerts.inputs import SendAlert
from portal.alerts.queries import children_of_alerts
from portal.alerts.services import note_opened, send_alert
from portal.cases.models import Case
from portal.cases.queries import children_of
from portal.duplicates.finding import match_person
from portal.people.rules import age_on
from portal.search.inputs import LookFor
from portal.search.services import make_search, save_search

if TYPE_CHECKING:
    from portal.demo.world import Builder


def make_duplicates(made: "Builder") -> None:
    """Let a school alert of a child who has a case already, and a coordinator keep a search."""
    at = clock.now() - timedelta(hours=3)
    case_id = made.cases["caso-6"]
    with made.acting("ugel", at) as (session, actor):
        case = session.get_one(Case, case_id)
        child = children_of(session, [case.id])[case.id][0]
        given = {
            "given_names": child.given_names.split()[0],
            "first_surname": child.first_surname,
            "estimated_age": age_on(child, clock.today()),
            "sex": child.sex,
        }
        alert = send_alert(
            session,
            actor,
            SendAlert.model_validate(
                {
                    "children": [given],
                    "district": case.district,
                    "where": "Institución educativa, turno tarde",
                    "what_happens": "Vuelve a clases sin almuerzo y dice que vive con una tía.",
                    "telephone": "942 000 210",
                    "authority_id": made.agencies["DEM-LAM"],
                }
            ),
        )
        people = children_of_alerts(session, [alert.id])[alert.id]
    with made.acting("demuna", at + timedelta(minutes=5)) as (session, actor):
        note_opened(session, actor, alert.id)
        match_person(session, {"person": str(people[0].person_id)})
    with made.acting("upe", at) as (session, actor):
        search = make_search(session, actor, LookFor(district=case.district, age_to=11))
        save_search(session, actor, search.id, name="Menores de 12 años del mismo distrito")
