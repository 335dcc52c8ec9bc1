"""A whole run: data of each size, both servers on each, and what is printed of them."""

import gzip
import json
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from portal.audit import link_entries
from portal.bench.data import ENTRIES, SEED, World, fill
from portal.bench.measuring import Measure, Page, costs, start
from portal.bench.serving import Served, cookie_of, options_of, serving
from portal.db import Database
from portal.db.sealing import make_key_file
from portal.errors import OperatorError
from portal.settings import Settings

LIST_AIM = 4.5
GROWTH_AIM = 1.2
POLL_AIM = 4.0
CASE_AIM = 1.3
SIZE_AIM = 40.0
ROWS = 50
BARE_ANSWERS, LIST_ANSWERS, POLL_ANSWERS = 800, 200, 800
PACKAGES = ("flask", "sqlalchemy", "sqlmodel", "gunicorn")


@dataclass(frozen=True, slots=True)
class Site:
    """One size of data, its settings, and both servers on it."""

    world: World
    settings: Settings
    own: Served
    bare: Served


def run(sizes: Sequence[int], rounds: int, *, as_json: bool, check: bool) -> int:
    """Measure and print; returns 1 where `check` is asked and an aim was missed.

    Raises OperatorError where the portal and the bare page do not show the same rows.
    """
    with TemporaryDirectory(prefix="articula-bench-") as folder, ExitStack() as open_until_end:
        sites = [_open(open_until_end, Path(folder) / str(cases), cases) for cases in sizes]
        for site in sites:
            _require_same(site)
        measures = list(_measures(sites, rounds))
        report = {
            "machine": _machine(sites),
            "measures": [measure.as_dict() for measure in measures],
            "linking_ms": _linking(sites[0]),
        }
    text = json.dumps(report, indent=1) if as_json else "\n".join(_lines(report, measures))
    sys.stdout.write(f"{text}\n")
    return int(check and any(measure.verdict != "pass" for measure in measures))


def _open(until_end: ExitStack, folder: Path, cases: int) -> Site:
    folder.mkdir(mode=0o700)
    settings = Settings(data_dir=folder, secret_key="b" * 40, https=False, weak_hash=False)
    keys = make_key_file(settings.key_path)
    db = Database(settings.url, keys)
    world = fill(db, folder / "portal.db", cases)
    db.dispose()
    own = until_end.enter_context(serving(settings))
    bare = until_end.enter_context(serving(settings, world))
    return Site(world, settings, own, bare)


def _pages(site: Site) -> dict[str, tuple[Page, Page]]:
    """Return each measured page of the portal with the bare one beside it."""
    worker, coordinator = (
        cookie_of(door.token) for door in (site.world.worker, site.world.coordinator)
    )
    live = f"/sessions/{site.world.meeting_id}/live"
    _text, seat = site.own.read(live, coordinator)
    (number, _cookie) = site.bare.read("/version")
    poll = f"/sessions/{site.world.meeting_id}/poll?face=live&v={number}"
    return {
        "list, coordinator": (
            Page(site.own, "/cases", LIST_ANSWERS, coordinator),
            Page(site.bare, "/all", BARE_ANSWERS),
        ),
        "list, caseworker": (
            Page(site.own, "/cases", LIST_ANSWERS, worker),
            Page(site.bare, "/own", BARE_ANSWERS),
        ),
        "unchanged poll of a session": (
            Page(site.own, poll, POLL_ANSWERS, seat, 204),
            Page(site.bare, "/version", POLL_ANSWERS),
        ),
    }


def _require_same(site: Site) -> None:
    """Refuse to compare pages that show other rows: fifty, in the same order."""
    pages = _pages(site)
    for name in ("list, coordinator", "list, caseworker"):
        shown = [codes(page.served.read(page.path, page.cookie)[0]) for page in pages[name]]
        if len(shown[0]) != ROWS or shown[0] != shown[1]:
            raise OperatorError(f"The two pages of '{name}' do not show the same {ROWS} rows.")


def codes(text: str) -> list[str]:
    """Return the codes of the cases that a page links to, in order."""
    found = (part.partition('"')[0] for part in text.split('href="/cases/')[1:])
    return [code for code in dict.fromkeys(found) if code.startswith("AG")]


def _measures(sites: Sequence[Site], rounds: int) -> Iterator[Measure]:
    """Yield each measure; every page of every size is asked in each round."""
    pages = [_pages(site) for site in sites]
    for name in pages[0]:
        beside = [page for at_size in pages for page in at_size[name]]
        found = costs(beside, rounds)
        own, bare = found[::2], found[1::2]
        aim = POLL_AIM if "poll" in name else LIST_AIM
        for site, mine, base in zip(sites, own, bare, strict=True):
            yield Measure(f"{name}, {site.world.cases} cases ÷ bare", base, mine, aim)
        if len(sites) > 1 and "poll" not in name:
            growth = f"{name}, {sites[-1].world.cases} ÷ {sites[0].world.cases} cases"
            yield Measure(growth, own[0], own[-1], GROWTH_AIM)
    for site in sites:
        yield from _case_page(site, rounds)
    yield start(sites[0].settings, rounds)


def _case_page(site: Site, rounds: int) -> Iterator[Measure]:
    """Yield what a case with a long timeline costs beside our own list, and how large it comes."""
    cookie = cookie_of(site.world.coordinator.token)
    address = f"/cases/{site.world.long_case}"
    own_list = Page(site.own, "/cases", LIST_ANSWERS, cookie)
    its_page = Page(site.own, address, LIST_ANSWERS, cookie)
    listed, shown = costs([own_list, its_page], rounds)
    name = f"case of {ENTRIES} entries, {site.world.cases} cases"
    yield Measure(f"{name} ÷ list", listed, shown, CASE_AIM)
    text, _cookie = site.own.read(address, cookie)
    size = len(gzip.compress(text.encode())) / 1000
    yield Measure(f"{name}, compressed", [1.0], [size], SIZE_AIM, "kB")


def _linking(site: Site) -> float:
    """Return the milliseconds of CPU that the worker spends later on linking one entry."""
    db = Database(site.settings.url)
    began = process_time()
    with db.write() as session:
        linked = link_entries(session)
        session.commit()
    spent = process_time() - began
    db.dispose()
    return spent / max(linked, 1) * 1000


def _machine(sites: Sequence[Site]) -> dict[str, object]:
    return {
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "seed": SEED,
        "file_mb": {
            str(site.world.cases): round(site.world.database.stat().st_size / 1e6) for site in sites
        },
        **options_of(sites[0].settings),
    }


def _lines(report: dict[str, object], measures: Sequence[Measure]) -> Iterator[str]:
    yield f"{report['machine']}"
    yield f"{'':<44} {'base':>8} {'portal':>8} {'':<7} {'ratio':>6}  {'low–high':<11}  aim"
    yield from (measure.line() for measure in measures)
    later = f"{report['linking_ms']:.3f} ms of CPU an entry"
    yield f"Linking the trail, which the worker does later: {later}."
