"""Tables of agencies."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, event
from sqlalchemy.orm import Mapper
from sqlmodel import Field, UniqueConstraint

from portal.actor import AgencyKind
from portal.db import Identified, Versioned, enum_column
from portal.places import fold


class Agency(Identified, Versioned, table=True):
    """An institution (institución), or a unit of one, such as a health centre of its network.

    `code` opens the codes of its cases and stays when the name changes. `district` is the INEI
    UBIGEO of its seat. An agency without users is written to by official letter. `search_key` is
    the folded name, kept by itself, since people leave out accents.
    """

    __tablename__ = "portal_agency"

    code: str = Field(max_length=12, unique=True)
    name: str = Field(max_length=160)
    kind: AgencyKind = Field(sa_column=enum_column(AgencyKind, index=True))
    parent_id: UUID | None = Field(default=None, foreign_key="portal_agency.id", index=True)
    district: str | None = Field(default=None, max_length=6, index=True)
    telephone: str = Field(default="", max_length=20)
    operates_from: date | None = None
    closed_on: date | None = None
    search_key: str = Field(default="", max_length=200)


class AgencyAlias(Identified, table=True):
    """A former or popular name of an agency, by which people still look for it."""

    __tablename__ = "portal_agency_alias"

    agency_id: UUID = Field(foreign_key="portal_agency.id", index=True)
    name: str = Field(max_length=160)
    search_key: str = Field(default="", max_length=200)


@event.listens_for(Agency, "before_insert")
@event.listens_for(Agency, "before_update")
@event.listens_for(AgencyAlias, "before_insert")
def _keep_search_key(
    _mapper: Mapper[Agency], _connection: Connection, row: Agency | AgencyAlias
) -> None:
    row.search_key = fold(row.name)


class Coverage(Identified, Versioned, table=True):
    """A province for which a UPE, or a family or mixed court, is competent, with its dates.

    DL 1297 art. 11.2 for the UPE; its first transitory provision for the courts. `until` is the
    first day on which it no longer is.
    """

    __tablename__ = "portal_agency_coverage"
    __table_args__ = (UniqueConstraint("agency_id", "province", "since"),)

    agency_id: UUID = Field(foreign_key="portal_agency.id", index=True)
    province: str = Field(max_length=4, index=True)
    since: date
    until: date | None = None


class Accreditation(Identified, Versioned, table=True):
    """The accreditation of a DEMUNA for the risk procedure (DS 005-2019-MIMP), with its dates."""

    __tablename__ = "portal_agency_accreditation"

    agency_id: UUID = Field(foreign_key="portal_agency.id", index=True)
    resolution: str = Field(max_length=120)
    since: date
    until: date | None = None
    recorded_at: datetime
