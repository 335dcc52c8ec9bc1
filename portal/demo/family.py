"""The families of the demonstration: eight siblings with a grandmother, two with an aunt."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from portal import clock
from portal.cases.children import children_of
from portal.cases.inputs import SetRight
from portal.cases.models import Placement, Right, RightState
from portal.cases.queries import get_case
from portal.cases.services import place_children, set_rights
from portal.family import services as families
from portal.family.inputs import AddRelative, RegisterFamily
from portal.registries.inputs import AddCode
from portal.registries.models import System
from portal.registries.services import add_code

if TYPE_CHECKING:
    from portal.demo.world import Builder

EIGHT = "caso-2"
TWO = "hermanos"
SAME = "caso-4"
LATELY = timedelta(hours=3)


def make_families(made: "Builder") -> None:
    """Register the families with the services that people use."""
    case_id = made.cases[EIGHT]
    with made.acting("upe", clock.now() - LATELY) as (session, actor):
        families.register_family(session, actor, case_id, _eight())
        case = get_case(session, actor, case_id)
        siblings = [child.person_id for child in children_of(session, [case_id])[case_id]]
        place_children(
            session,
            actor,
            case,
            siblings,
            placement=Placement.WITH_FAMILY,
            whereabouts="Casa de la abuela, a orillas del río, sin agua ni desagüe",
        )
    _set_rights(made, case_id, siblings)
    codes = (
        (System.SISPE, "UPE-SM-000123-2026", None),
        (System.SIAGIE, "00071234500", siblings[0]),
    )
    for system, number, child in codes:
        with made.acting("upe", clock.now() - LATELY) as (session, actor):
            given = AddCode(system=system, number=number, person_id=child)
            add_code(session, actor, case_id, given)
    _add(
        made,
        case_id,
        relation="maternal_aunt_uncle",
        given_names="Tornillo",
        first_surname="Ñejilla",
        sex="male",
        estimated_age=41,
        lives_with=True,
        is_caregiver=True,
        said_by="La abuela",
    )
    # The same mother in two cases: whoever sees both is told so.
    mother = {
        "relation": "mother",
        "given_names": "Amasisa",
        "first_surname": "Yarina",
        "sex": "female",
        "born_on": "1994-03-11",
        "document_kind": "dni",
        "document_number": "40000011",
    }
    _add(made, made.cases[SAME], **mother, said_by="RENIEC Tarapoto")
    case_id = made.cases[TWO]
    _add(
        made,
        case_id,
        **mother,
        lives_with=True,
        note="Internada desde el viernes",
        said_by="Centro de Salud Lamas",
    )
    _add(
        made,
        case_id,
        relation="father",
        given_names="Shapumba",
        sex="male",
        estimated_age=36,
        note="En un penal de otra región",
        said_by="La vecina",
    )
    _add(
        made,
        case_id,
        relation="maternal_aunt_uncle",
        given_names="Pashaco",
        first_surname="Yarina",
        sex="female",
        born_on="1990-09-02",
        language="Kichwa",
        people="Kichwa",
        is_caregiver=True,
        whereabouts="Lamas, barrio Wayku, frente a la capilla; 942 000 321",
        said_by="La madre",
    )


def _add(made: "Builder", case_id: UUID, **given: object) -> None:
    with made.acting("upe", clock.now() - LATELY) as (session, actor):
        families.add_relative(session, actor, case_id, AddRelative.model_validate(given))


def _set_rights(made: "Builder", case_id: UUID, siblings: list[UUID]) -> None:
    """Let the eight's rights turn: some restored, one of which fell back, some denied."""
    reniec, health, school = (made.agencies[code] for code in ("RENIEC", "RED-LAM", "UGEL-LAM"))
    story: tuple[tuple[Right, RightState, list[UUID], UUID, str], ...] = (
        (Right.IDENTITY, RightState.RESTORED, siblings[:5], reniec, "DNI a la vista"),
        (Right.IDENTITY, RightState.IN_PROCESS, siblings[5:], reniec, ""),
        (Right.HEALTH_INSURANCE, RightState.RESTORED, siblings, health, "Consulta SIS"),
        (Right.GROWTH, RightState.IN_PROCESS, siblings[4:], health, "Tamizaje de anemia"),
        (Right.SCHOOL, RightState.RESTORED, siblings[:3], school, "Ficha de matrícula"),
        (Right.SCHOOL, RightState.NOT_GUARANTEED, siblings[:1], school, "Dejó de asistir"),
        (Right.LEGAL_DEFENCE, RightState.NOT_GUARANTEED, siblings, made.agencies["SUNADEP"], ""),
    )
    for number, (right, state, people, agency_id, evidence) in enumerate(story):
        given = SetRight(state=state, agency_id=agency_id, evidence=evidence)
        at = clock.now() - LATELY + timedelta(minutes=5 * number)
        with made.acting("upe", at) as (session, actor):
            set_rights(session, actor, case_id, person_ids=people, right=right, given=given)


def _eight() -> RegisterFamily:
    """Return four more siblings and the adults, as told by the grandmother."""
    return RegisterFamily.model_validate(
        {
            "first_surname": "Chambira",
            "second_surname": "Ñejilla",
            "language": "Kichwa",
            "people": "Kichwa",
            "said_by": "La abuela",
            "children": [
                {"given_names": "Garza", "estimated_age": 15, "sex": "female"},
                {"given_names": "Paucar", "estimated_age": 12, "sex": "male"},
                {"given_names": "Tunqui", "estimated_age": 7, "sex": "male"},
                {"given_names": "Picaflor", "estimated_age": 0, "sex": "female"},
            ],
            "adults": [
                {
                    "relation": "mother",
                    "given_names": "Lupuna",
                    "first_surname": "Ñejilla",
                    "sex": "female",
                    "has_died": True,
                },
                {
                    "relation": "father",
                    "given_names": "Cumaceba",
                    "first_surname": "Chambira",
                    "sex": "male",
                    "estimated_age": 45,
                    "note": "En un penal de otra región",
                },
                {
                    "relation": "maternal_grandparent",
                    "given_names": "Ceiba",
                    "first_surname": "D'Oliva",
                    "sex": "female",
                    "estimated_age": 90,
                    "lives_with": True,
                    "is_caregiver": True,
                },
            ],
        }
    )
