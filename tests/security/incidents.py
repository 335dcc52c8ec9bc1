"""Goal 22: from "this account was stolen" to the list of the children that it saw."""

import json
import time
from contextlib import redirect_stdout
from io import StringIO
from unittest.mock import patch

from portal import cli
from portal.actor import Role
from portal.cases.models import Level
from tests.factories.agencies import make_agency, make_member
from tests.factories.trail import put_trail
from tests.security.ground import Ground, Measure
from tests.visibility import rows
from tests.visibility.rules import World

GOAL = "22 incident file"
WITHIN_S = 300
CASES = 200


def check(ground: Ground, *, size: int) -> Measure:
    """Measure the goal; `size` is how many entries the trail has, a tenth of them the account's."""
    with ground.elsewhere() as db:
        with db.write() as session:
            world = World()
            agency = make_agency(session, "UPE")
            world.agencies["UPE"] = agency
            user = make_member(session, agency, Role.COORDINATOR)
            make_member(session, agency, Role.PRIVACY_OFFICER)
            files = [
                rows.put_case(session, world, f"UPE-2026-{n:04}", {"UPE": Level.LEAD.value})
                for n in range(CASES)
            ]
            put_trail(session, user.id, agency.id, [file.id for file in files], size)
            username = user.username
        said, started = StringIO(), time.monotonic()
        with patch.object(cli, "database", lambda: db), redirect_stdout(said):
            status = cli.main(["incident", username, "--json"])
        taken = time.monotonic() - started
        found = json.loads(said.getvalue()) if status == 0 else {}
    # Every tenth entry is the account's own: these are the cases that it read or had in its lists.
    seen = {number % CASES for number in range(0, size, 10)} | set(range(min(50, CASES)))
    children = found.get("children", 0)
    return Measure(
        GOAL,
        "≤ 5 min from the stolen account to the children seen, all of them",
        f"{children} of {len(seen)} children out of {size:,} entries in {taken:.1f} s",
        status == 0 and children == len(seen) and taken <= WITHIN_S,
    )
