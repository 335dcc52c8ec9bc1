"""What modules ask of the core's lower contexts: agencies, their own sealed cells."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from portal.actor import AgencyKind
from portal.agencies import queries
from portal.agencies.models import Agency
from portal.db import sealing


@dataclass(frozen=True, slots=True)
class AgencyView:
    """An agency as a module sees it; `district` is the INEI UBIGEO of its seat."""

    id: UUID
    code: str
    name: str
    kind: AgencyKind
    district: str | None
    telephone: str


def get_agency(session: Session, agency_id: UUID) -> AgencyView:
    """Return an agency; raises NotFound."""
    return view_of(queries.get_agency(session, agency_id))


def list_agencies(session: Session, kinds: Collection[AgencyKind] = ()) -> list[AgencyView]:
    """Return the agencies that work today, of these kinds or of all, by name."""
    return [view_of(agency) for agency in queries.list_agencies(session, kinds)]


def view_of(agency: Agency) -> AgencyView:
    """Return the view of an agency's row."""
    return AgencyView(
        id=agency.id,
        code=agency.code,
        name=agency.name,
        kind=agency.kind,
        district=agency.district,
        telephone=agency.telephone,
    )


def seal(session: Session, scope: UUID, table: str, column: str, row: UUID, text: str) -> bytes:
    """Encrypt a text for a cell of the module's own table; the column is named `<what>_sealed`.

    `scope` is the case whose key encrypts: with that key's end the cell can no longer be read.
    Raises PermissionError for a table of the core.
    """
    return sealing.seal(session, scope, own(table), column, row, text)


def unseal(session: Session, scope: UUID, table: str, column: str, row: UUID, cell: bytes) -> str:
    """Decrypt a cell of the module's own table; raises NotFound where its key is gone.

    Raises PermissionError for a table of the core.
    """
    return sealing.unseal(session, scope, own(table), column, row, cell)


def opened(
    session: Session, scope: UUID, table: str, column: str, row: UUID, cell: bytes | None
) -> str:
    """Return what a cell of the module's own table says, for the copy of a person's data.

    Empty for an empty cell; where its key was destroyed it says that it can no longer be read.
    """
    return sealing.opened(session, scope, own(table), column, row, cell)


def own(table: str) -> str:
    """Return a table's name if it is not one of the core's."""
    if table.startswith("portal_"):
        raise PermissionError("A module seals cells of its own tables.")
    return table
