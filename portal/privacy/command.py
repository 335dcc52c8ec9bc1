"""`portal incident USER`: the file of an incident for an operator, by codes only."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from portal import clock
from portal.actor import Actor
from portal.db import Database
from portal.errors import OperatorError
from portal.privacy.incidents import list_agencies, list_records, open_incident
from portal.privacy.models import Nature
from portal.users.queries import find_user

LOOK_BACK = timedelta(days=30)


def report(db: Database, actor: Actor, username: str, since: str, until: str) -> dict[str, Any]:
    """Open the incident of a stolen account and return what it saw and who must be told.

    The account's sign-ins end at once. Raises OperatorError for a name or a time that is wrong.
    """
    now = clock.now()
    end = _moment(until) if until else now
    begin = _moment(since) if since else end - LOOK_BACK
    with db.write() as session:
        user = find_user(session, username)
        if user is None:
            raise OperatorError(f"There is no account {username}.")
        incident = open_incident(
            session,
            actor,
            user_id=user.id,
            nature=Nature.STOLEN_ACCOUNT,
            since=begin,
            until=end,
            known_at=now,
        )
        records = list_records(session, actor, incident)
        agencies = list_agencies(session, actor, incident)
        return {
            "number": incident.number,
            "account": username,
            "from": incident.since.isoformat(),
            "until": incident.until.isoformat(),
            "entries": incident.entries,
            "children": sum(row.children for row in records),
            "authority_due": incident.authority_due_at.isoformat(),
            "persons_due": incident.persons_due_at.isoformat(),
            "agencies": [each.agency for each in agencies],
            "records": [
                {
                    "code": row.code,
                    "children": row.children,
                    "agency": row.agency,
                    "times": row.times,
                    "how": "sealed" if row.was_unsealed else "opened" if row.was_opened else "list",
                    "first": row.first_at.isoformat(),
                    "last": row.last_at.isoformat(),
                }
                for row in records
            ],
            "page": f"/privacy/incidents/{incident.id}",
        }


def _moment(text: str) -> datetime:
    """Return a day or an hour as an operator writes it, in Lima where no zone is said."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise OperatorError(
            f"{text} is no day or hour: write 2026-11-23 or 2026-11-23T15:00."
        ) from (error)
    return read if read.tzinfo else read.replace(tzinfo=clock.LIMA)


def told(found: dict[str, Any]) -> Iterator[str]:
    """Return the lines that an operator reads."""
    yield f"Incident {found['number']}: account {found['account']}, its sign-ins are ended."
    yield (
        f"{found['entries']} entries of the trail from {_said(found['from'])} to "
        f"{_said(found['until'])}: {len(found['records'])} cases and alerts, "
        f"{found['children']} children."
    )
    yield f"Tell the ANPDP and the persons until {_said(found['authority_due'])}."
    yield f"Institutions that tell the persons: {'; '.join(found['agencies']) or 'none'}."
    for row in found["records"]:
        yield (
            f"  {row['code']:<22} {row['children']:>2} children  {row['how']:<7} "
            f"{row['times']:>4}×  {_said(row['first'])} – {_said(row['last'])}  {row['agency']}"
        )
    yield f"The form of DS 016-2024-JUS art. 34: {found['page']}"
    yield "The password still opens it: close the account or give it a new first code."


def _said(moment: str) -> str:
    return f"{clock.local(datetime.fromisoformat(moment)):%d/%m/%Y %H:%M}"
