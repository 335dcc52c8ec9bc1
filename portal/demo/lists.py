"""A list that the prison handed in, on its legal basis, and that waits for a decision."""

from datetime import timedelta
from typing import TYPE_CHECKING

from portal import clock
from portal.cases.models import Situation
from portal.lists import services
from portal.lists.inputs import EnterBasis, HandIn
from portal.lists.models import ListKind

if TYPE_CHECKING:
    from portal.demo.world import Builder

HEADINGS = (
    "Nombres;Primer apellido;Segundo apellido;Fecha de nacimiento;DNI;Distrito;Grupo familiar"
)
ROWS = (
    "Perdiz;Ojé;Bolaina;14/2/2015;;Lamas;familia 1",
    "Tucán;Ojé;Bolaina;9/8/2018;;Lamas;familia 1",
    "Garza;Marupa;;30/11/2012;70000001;Tabalosos;",
    "Garza;Marupa;;30/11/2012;70000001;Tabalosos;",
    "Lechuza;Cumala;Ishpingo;31/2/2016;;Lamas;",
)


def make_lists(made: "Builder") -> None:
    """Enter the basis sixty days ago and hand a short list in half an hour ago."""
    with made.acting("datosinpe", clock.now() - timedelta(days=60)) as (session, actor):
        services.enter_basis(
            session,
            actor,
            EnterBasis(
                kind=ListKind.PRISONERS,
                agreement="Convenio de demostración 004-2026",
                data_bank="Demostración 00123",
                opinion="Ubicar a las hijas e hijos es necesario; se envía lo mínimo para ello.",
                since=clock.today(),
            ),
        )
    with made.acting("inpe", clock.now() - timedelta(minutes=30)) as (session, actor):
        services.hand_in(
            session,
            actor,
            HandIn(kind=ListKind.PRISONERS, situation=Situation.UNDECIDED, telephone="042 000 015"),
            "\r\n".join([HEADINGS, *ROWS]).encode(),
            locale="es",
        )
