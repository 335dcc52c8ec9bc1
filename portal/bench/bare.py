"""The bare page: Flask, plain SQL by the driver and one plain template, without any sign-in.

It shows the rows of the portal's list from the same file, and is what the portal is measured by.
Served as the portal is: gunicorn, as many processes and threads.
"""

import sqlite3
import threading
from datetime import date

from flask import Flask, Response, render_template_string

from portal.bench.data import World
from portal.places.queries import name_of

ROWS = 50
COLUMNS = "c.id, c.code, w.priority, w.due_on, c.district, a.name"
REST = """
JOIN portal_case c ON c.id = w.case_id
JOIN portal_agency a ON a.id = c.lead_agency_id
WHERE w.agency_id = :agency AND w.status = 'open'
ORDER BY w.priority, w.due_on, w.case_id LIMIT 50
"""
ALL = f"SELECT {COLUMNS} FROM portal_worklist w {REST}"  # noqa: S608 - texts of ours.
# CROSS JOIN keeps SQLite from walking the whole list in search of a person's few cases.
OWN = f"""
SELECT {COLUMNS} FROM portal_case_assignment s
CROSS JOIN portal_worklist w ON w.case_id = s.case_id
 AND s.agency_id = w.agency_id AND s.user_id = :user AND s.until IS NULL
{REST}
"""  # noqa: S608 - texts of ours.
CHILDREN = """
SELECT k.case_id, p.given_names, p.first_surname, p.second_surname, p.born_on
FROM portal_case_child k JOIN portal_person p ON p.id = k.person_id
WHERE k.case_id IN ({marks}) ORDER BY k.position
"""
VERSION = "SELECT live_version FROM portal_meeting WHERE id = ?"
PRIORITIES = ("Inmediata", "Alta", "Regular")
PAGE = """<!doctype html>
<html lang="es"><head><meta charset="utf-8"><title>Casos</title>
<link rel="stylesheet" href="/static/portal.css"></head>
<body><h1>Casos</h1><table>
<thead><tr><th>Plazo</th><th>Caso</th><th>Prioridad</th><th>Distrito</th><th>A cargo</th></tr>
</thead>
<tbody>
{% for row in rows %}
<tr><td>{{ row.due }}</td><td><a href="/cases/{{ row.code }}">{{ row.code }}</a><br>
{{ row.children }}</td><td>{{ row.priority }}</td><td>{{ row.district }}</td>
<td>{{ row.lead }}</td></tr>
{% endfor %}
</tbody></table></body></html>
"""

_local = threading.local()


def create(world: World) -> Flask:
    """Return the bare application on a world's database."""
    app = Flask("bare", static_folder=None)
    agency, worker, meeting = (
        each.hex for each in (world.agency_id, world.worker.user_id, world.meeting_id)
    )

    def connection() -> sqlite3.Connection:
        if not hasattr(_local, "raw"):
            _local.raw = sqlite3.connect(f"file:{world.database}?mode=ro", uri=True)
        raw: sqlite3.Connection = _local.raw
        return raw

    @app.get("/all")
    def every() -> str:
        return _page(connection(), ALL, agency=agency)

    @app.get("/own")
    def own() -> str:
        return _page(connection(), OWN, agency=agency, user=worker)

    @app.get("/version")
    def version() -> Response:
        (number,) = connection().execute(VERSION, (meeting,)).fetchone()
        return Response(str(number), mimetype="text/plain")

    return app


def _page(raw: sqlite3.Connection, statement: str, **values: str) -> str:
    found = raw.execute(statement, values).fetchall()
    marks = ",".join("?" * len(found))
    children: dict[str, list[str]] = {row[0]: [] for row in found}
    today = date.today()  # noqa: DTZ011 - the bare page knows no time zone.
    named = raw.execute(CHILDREN.format(marks=marks), [row[0] for row in found])
    for case, given, first, second, born in named:
        age = (today - date.fromisoformat(born)).days // 365
        children[case].append(f"{given[0]}. {first[0]}. {second[0]}., {age}")
    rows = [
        {
            "due": due,
            "code": code,
            "children": " · ".join(children[case]),
            "priority": PRIORITIES[priority],
            "district": name_of(district),
            "lead": lead,
        }
        for case, code, priority, due, district, lead in found
    ]
    return render_template_string(PAGE, rows=rows)
