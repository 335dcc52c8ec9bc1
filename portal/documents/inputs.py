"""What the forms of documents may send; the file itself is read by `portal.web.uploads`."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from portal.cases.models import Circle
from portal.inputs import Input


class FileDocument(Input):
    """What the document is, of which child, when it came, and who may read it."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200)]
    happened_at: datetime | None = None
    person_id: UUID | None = None
    circle: Circle
    readers: list[UUID] = []


class NewVersion(Input):
    """A file that takes the place of the last one, which stays: nothing but the file."""


class BeginUpload(Input):
    """The name of a file that will arrive in pieces, and its bytes."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    size: Annotated[int, Field(ge=0, le=2**40)]
