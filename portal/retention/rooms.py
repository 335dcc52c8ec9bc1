"""The rooms `personal` of every context, and the modules: asked together about one person."""

from collections.abc import Callable, Sequence
from types import ModuleType
from uuid import UUID

from sqlmodel import Session

from portal import host
from portal.db import WritingSession
from portal.errors import Unavailable
from portal.host import calling
from portal.host.queries import admitted
from portal.personal import Ending, Erased, ErasurePlan, PersonExport
from portal.texts import _l

_rooms: dict[str, ModuleType] = {}

Export = Callable[[Session, UUID], Sequence[PersonExport]]


def register(name: str, room: ModuleType) -> None:
    """Take in a context's room, as the factory finds it, with any of the five verbs.

    `export_person` and `export_user` tell; `erase_record` empties once what hangs on the records
    that end, `erase_person` what is one child's, `erase_user` what is of one who worked here.
    """
    _rooms[name] = room


def export_person(session: Session, person_id: UUID) -> list[PersonExport]:
    """Return everything that core and modules hold of a child or of the adults around it.

    In the reader's language, parts without rows left out. Reserved parts (`is_reserved`) and third
    parties are still in it: who answers a request decides about them, and records the reading.
    Raises Unavailable, naming the module, where one cannot say what it holds: half a copy is none.
    """
    parts = _of_core("export_person", session, person_id)
    try:
        parts += calling.export_person(session, person_id, admitted(session))
    except calling.ModuleFailed as failed:
        raise _unanswered(failed) from failed
    return [part for part in parts if part.rows]


def export_user(session: Session, user_id: UUID) -> list[PersonExport]:
    """Return everything that the core holds of a person who works here, as `export_person` does.

    Modules keep nothing of staff but who did what, which stands in the trail.
    """
    return [part for part in _of_core("export_user", session, user_id) if part.rows]


def erase_records(session: WritingSession, ending: Ending) -> list[Erased]:
    """Let every context empty what hangs on the records that end, the highest context first.

    What carries a code goes before the code does.
    """
    rooms = [room for room in reversed(_rooms.values()) if hasattr(room, "erase_record")]
    return [part for room in rooms for part in room.erase_record(session, ending)]


def erase_person(session: WritingSession, person_id: UUID, plan: ErasurePlan) -> list[Erased]:
    """Let the modules, then every context, empty what they hold of a child.

    Raises Unavailable, naming the module, where one cannot: the caller rolls everything back.
    """
    try:
        parts = calling.erase_person(session, person_id, plan, admitted(session))
    except calling.ModuleFailed as failed:
        raise _unanswered(failed) from failed
    rooms = [room for room in reversed(_rooms.values()) if hasattr(room, "erase_person")]
    return parts + [part for room in rooms for part in room.erase_person(session, person_id, plan)]


def erase_user(session: WritingSession, user_id: UUID) -> list[Erased]:
    """Let every context empty what it holds of a person who worked here and left.

    Who did or read what stays, by the identifier alone.
    """
    rooms = [room for room in reversed(_rooms.values()) if hasattr(room, "erase_user")]
    return [part for room in rooms for part in room.erase_user(session, user_id)]


def _of_core(verb: str, session: Session, subject: UUID) -> list[PersonExport]:
    exports: list[Export] = [getattr(room, verb) for room in _rooms.values() if hasattr(room, verb)]
    return [part for export in exports for part in export(session, subject)]


def _unanswered(failed: Exception) -> Unavailable:
    name = host.current().name_of(str(failed))
    return Unavailable(
        _l("The module %(name)s cannot say what it holds. Tell the administrator.", name=name)
    )
