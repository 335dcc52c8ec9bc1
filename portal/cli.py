"""The command line: `portal …`.

Only argparse is imported here; each command imports what it needs, so that `--help` is instant.
An operator's mistake is one line that says what to do, with exit status 1 (2 for usage).
"""

import argparse
import gc
import json
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal.db import Database
    from portal.settings import Settings

# The institution that is asked must have a page of cases of its own.
SMALLEST_BENCH = 2000
MOST_PORTS = 65536
Command = Callable[[argparse.Namespace], int]


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    given = parser().parse_args(arguments)
    from portal.errors import Invalid, PortalError

    try:
        return int(given.run(given))
    except Invalid as error:
        return complain(
            "; ".join(
                f"{each.field}: {each.message}" if each.field else str(each.message)
                for each in error.problems
            )
        )
    except PortalError as error:
        return complain(str(error.message) or type(error).__name__)
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        return complain(f"{error.strerror or error}: {error.filename or 'no file is named'}")
    except Exception as error:
        if not type(error).__module__.startswith("sqlalchemy"):
            raise
        return complain(f"The database refuses: {getattr(error, 'orig', None) or error}")


def complain(text: str) -> int:
    """Say in one line what is wrong."""
    sys.stderr.write(f"portal: {' '.join(text.split())}\n")
    return 1


def say(text: str) -> None:
    """Write a line for the operator."""
    sys.stdout.write(text + "\n")


def parser() -> argparse.ArgumentParser:
    """Return the commands and their options."""
    top = argparse.ArgumentParser(prog="portal", description="Articula, the portal of one place")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    init = add(commands, "init", run_init, "make database, keys and the first administrator")
    init.add_argument("--username", default="")
    init.add_argument("--name", default="")
    init.add_argument("--password", default="")

    run = add(commands, "run", run_server, "serve the portal, web processes and worker together")
    run.add_argument("--host", default=None)
    run.add_argument("--port", type=port, default=None)
    run.add_argument("--workers", type=int, default=None)

    add(commands, "worker", run_worker, "deliver events and run jobs")

    demo = add(commands, "demo", run_demo, "serve the demonstration of Tarapoto")
    demo.add_argument("--port", type=port, default=8000)
    demo.add_argument("--reset", action="store_true", help="forget the old one and start anew")
    demo.add_argument("--prepare", action="store_true", help="make its data without serving")

    database = group(commands, "db", "the database")
    add(database, "upgrade", run_upgrade, "bring the tables of core and modules up to date")
    add(database, "check", run_check, "exit 0 when code and database agree")

    users = group(commands, "users", "accounts")
    create = add(users, "create", run_create_user, "create an account with a role")
    create.add_argument("username")
    create.add_argument("--name", required=True)
    create.add_argument("--agency", default="", help="code of the agency; none for the platform")
    create.add_argument("--role", action="append", required=True)
    create.add_argument("--password", default="", help="left out: a code of the first day is given")
    people = add(
        users, "list", run_list_users, "accounts, whether they are open, and their factors"
    )
    people.add_argument("--json", action="store_true")
    add(users, "disable", run_disable_user, "close an account at once").add_argument("username")
    anew = add(users, "reset-second-factor", run_reset, "let a person in anew by a code in hand")
    anew.add_argument("username")
    anew.add_argument("--password", action="store_true", help="take the password away too")

    plugins = group(commands, "plugins", "modules")
    listing = add(plugins, "list", run_list_plugins, "what is installed, admitted and quarantined")
    listing.add_argument("--json", action="store_true")
    add(plugins, "admit", run_admit, "admit a module and make its tables").add_argument("slug")
    for verb, work in (("enable", run_enable), ("disable", run_disable)):
        switch = add(plugins, verb, work, f"{verb} a module for an agency")
        switch.add_argument("slug")
        switch.add_argument("--agency", required=True, help="code of the agency")

    audit = group(commands, "audit", "the trail")
    verify = add(audit, "verify", run_verify, "find any change, gap or cut")
    verify.add_argument("--checkpoint", default="", help="file of checkpoints kept elsewhere")
    verify.add_argument("--key", default="", help="public key of checkpoints as noted elsewhere")
    verify.add_argument("--json", action="store_true")
    add(audit, "checkpoint", run_checkpoint, "write a signed checkpoint")

    incident = add(
        commands, "incident", run_incident, "end an account's sign-ins, list what it saw"
    )
    incident.add_argument("user", help="name of the account")
    incident.add_argument("--from", dest="since", default="", help="day or hour in Lima, ISO")
    incident.add_argument("--until", default="", help="the same; now where it is left out")
    incident.add_argument("--json", action="store_true")

    # Loaded here: it takes its words from this module.
    from portal import keeping

    keeping.add_commands(commands)

    add(commands, "reindex", run_reindex, "make the index of names anew")

    bench = add(commands, "bench", run_bench, "ratios of pages to a bare page on generated data")
    bench.add_argument("--cases", default="10000,100000", help="sizes of data, with commas")
    bench.add_argument("--search", default="", help="sizes in people: search by names instead")
    bench.add_argument("--rounds", type=int, default=5)
    bench.add_argument("--json", action="store_true")
    bench.add_argument("--check", action="store_true", help="exit 1 where an aim is missed")

    doctor = add(commands, "doctor", run_doctor, "say what is unsafe, one line each")
    doctor.add_argument("--json", action="store_true")
    return top


def port(text: str) -> int:
    """Return a number of a port; argparse says so where it is none."""
    number = int(text)
    if not 0 < number < MOST_PORTS:
        raise ValueError(text)
    return number


def add(commands: Any, name: str, run: Command, text: str) -> argparse.ArgumentParser:
    """Add a command that does something."""
    made: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    made.set_defaults(run=run)
    return made


def group(commands: Any, name: str, text: str) -> Any:
    """Add a command that has commands of its own."""
    made = commands.add_parser(name, help=text, description=text)
    return made.add_subparsers(required=True, metavar="COMMAND")


def settings(**given: Any) -> "Settings":
    """Read the settings of the instance."""
    from portal.settings import load_settings

    return load_settings(**given)


def any_database(chosen: "Settings | None" = None) -> "Database":
    """Open the instance's database with its keys, whatever version it is at."""
    from portal.db import Database
    from portal.db.sealing import load_key_file

    chosen = chosen or settings()
    return Database(chosen.url, load_key_file(chosen.key_path))


def database(chosen: "Settings | None" = None) -> "Database":
    """Open the instance's database; raises OperatorError where it is not at this version."""
    from portal.db import migrations

    db = any_database(chosen)
    migrations.require_head(db)
    return db


def operator() -> Any:
    """Return the operator at this machine, who acts with all rights and is named in the trail."""
    from portal.actor import system_actor

    return system_actor()


def run_init(given: argparse.Namespace) -> int:
    """Make database, keys and the first administrator."""
    from portal.db.sealing import make_key_file
    from portal.host import schema

    chosen = settings()
    chosen.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not chosen.key_path.exists():
        make_key_file(chosen.key_path)
        say(f"Sealing key made: {chosen.key_path}. Keep a copy elsewhere.")
    db = any_database(chosen)
    modules()
    schema.upgrade(db)
    username = given.username or ask("User name of the first administrator: ")
    name = given.name or ask("Full name: ")
    make_user(db, chosen, username, name, given.password or ask_secret(), "", ["platform_admin"])
    say("Ready. Start it with 'portal run'.")
    return 0


def ask(question: str) -> str:
    """Ask the operator; raises OperatorError where nobody is there to answer."""
    from portal.errors import OperatorError

    if not sys.stdin.isatty():
        raise OperatorError(f"{question.strip(': ')} is missing: give it as an option.")
    return input(question)


def ask_secret() -> str:
    """Ask for a password without showing it."""
    import getpass

    from portal.errors import OperatorError

    if not sys.stdin.isatty():
        raise OperatorError("The password is missing: give it with --password.")
    return getpass.getpass("Password (at least 12 characters): ")


def modules() -> None:
    """Load the installed modules, as serving does."""
    from portal import host

    host.install(host.load(strict=settings().strict_plugins))


def run_upgrade(_given: argparse.Namespace) -> int:
    """Bring the tables up to date."""
    from portal.host import schema

    modules()
    schema.upgrade(any_database())
    say("The database is at this version.")
    return 0


def run_check(_given: argparse.Namespace) -> int:
    """Say whether code and database agree."""
    from portal.host import schema

    modules()
    schema.check(any_database())
    say("Code and database agree.")
    return 0


def make_user(
    db: "Database",
    chosen: "Settings",
    username: str,
    name: str,
    password: str,
    agency_code: str,
    roles: list[str],
) -> str:
    """Create an account with roles in an agency, or on the instance.

    Returns the code of the first day where no password is given, else an empty text.
    """
    from portal.access.services import grant_role
    from portal.actor import Role
    from portal.agencies.queries import find_by_code
    from portal.errors import OperatorError
    from portal.users.services import create_user, issue_code

    unknown = [role for role in roles if role not in [each.value for each in Role]]
    if unknown:
        known = ", ".join(each.value for each in Role)
        raise OperatorError(f"There is no role {unknown[0]}; the roles are {known}.")
    with db.write() as session:
        agency = find_by_code(session, agency_code) if agency_code else None
        if agency_code and agency is None:
            raise OperatorError(f"There is no agency with the code {agency_code}.")
        user = create_user(
            session,
            operator(),
            username=username,
            name=name,
            password=password,
            weak_hash=chosen.weak_hash,
        )
        for role in roles:
            grant_role(
                session,
                operator(),
                user_id=user.id,
                agency_id=agency.id if agency else None,
                role=Role(role),
            )
        return "" if password else issue_code(session, operator(), user.id)


def run_create_user(given: argparse.Namespace) -> int:
    """Create an account."""
    chosen = settings()
    code = make_user(
        database(chosen),
        chosen,
        given.username,
        given.name,
        given.password,
        given.agency,
        given.role,
    )
    say(f"Account {given.username} created.")
    if code:
        say(f"Code of the first day, for 24 hours, to be handed over in person: {code}")
    return 0


def run_list_users(given: argparse.Namespace) -> int:
    """List the accounts."""
    from portal.users.queries import list_users

    with database().read() as session:
        found = [vars_of(each) for each in list_users(session)]
    if given.json:
        say(json.dumps(found))
        return 0
    for each in found:
        state = "closed" if each["is_disabled"] else each["opens_with"] or "nothing yet"
        say(f"{each['username']:<24} {each['name']:<32} {state}")
    return 0


def run_disable_user(given: argparse.Namespace) -> int:
    """Close an account."""
    from portal.users.services import disable_user

    with database().write() as session:
        disable_user(session, operator(), account(session, given.username))
    say(f"Account {given.username} closed; its sign-ins ended.")
    return 0


def run_reset(given: argparse.Namespace) -> int:
    """Let a person in anew."""
    from portal.access.restoring import reset

    with database().write() as session:
        user_id = account(session, given.username)
        code = reset(session, operator(), user_id, password=given.password)
    say(f"Code for {given.username}, for 24 hours, to be handed over in person: {code}")
    return 0


def account(session: Any, username: str) -> Any:
    """Return the identifier of an account; raises OperatorError where there is none."""
    from portal.errors import OperatorError
    from portal.users.queries import find_user

    user = find_user(session, username)
    if user is None:
        raise OperatorError(f"There is no account {username}.")
    return user.id


def run_server(given: argparse.Namespace) -> int:
    """Serve the portal."""
    # What start-up makes stays; looking for garbage in it takes a tenth of the time to a page.
    gc.disable()
    from portal.server import serve

    changes = {name: getattr(given, name) for name in ("host", "port", "workers")}
    chosen = settings(**{name: value for name, value in changes.items() if value is not None})
    return serve(chosen)


def run_worker(_given: argparse.Namespace) -> int:
    """Deliver events and run jobs until ended."""
    from portal.server import work

    return work(settings())


def run_demo(given: argparse.Namespace) -> int:
    """Serve the demonstration of Tarapoto."""
    os.environ.setdefault("PORTAL_MODE", "demo")
    from portal.demo import run

    return run(port=given.port, reset=given.reset, prepare_only=given.prepare)


def run_list_plugins(given: argparse.Namespace) -> int:
    """List the modules."""
    from portal import host
    from portal.host.queries import admitted

    chosen = settings()
    loaded = host.install(host.load())
    with database(chosen).read() as session:
        known = admitted(session)
    rows = [
        {
            "slug": slug,
            "version": module.plugin.version,
            "state": "admitted" if slug in known else "installed",
            "reason": "",
        }
        for slug, module in loaded.loaded.items()
    ]
    rows += [
        {"slug": slug, "version": each.version, "state": "quarantined", "reason": each.reason}
        for slug, each in loaded.quarantined.items()
    ]
    if given.json:
        say(json.dumps(rows))
        return 0
    for row in rows:
        say(f"{row['slug']:<20} {row['version']:<8} {row['state']:<12} {row['reason']}".rstrip())
    return 0


def run_admit(given: argparse.Namespace) -> int:
    """Admit a module."""
    from portal import host
    from portal.host import services

    chosen = settings()
    host.install(host.load())
    require_module(given.slug)
    services.admit(database(chosen), operator(), given.slug)
    say(f"The module {given.slug} is admitted.")
    return 0


def require_module(slug: str) -> None:
    """Raise OperatorError where no module of that name is installed."""
    from portal import host
    from portal.errors import OperatorError

    found = host.current()
    if slug not in found.loaded and slug not in found.quarantined:
        known = ", ".join(sorted(found.loaded))
        raise OperatorError(f"No module {slug} is installed; there are {known}.")


def run_enable(given: argparse.Namespace) -> int:
    """Turn a module on for an agency."""
    return switch(given, to=True)


def run_disable(given: argparse.Namespace) -> int:
    """Turn a module off for an agency; what is open is said."""
    return switch(given, to=False)


def switch(given: argparse.Namespace, *, to: bool) -> int:
    """Turn a module on or off for an agency."""
    from portal import host
    from portal.agencies.queries import find_by_code
    from portal.errors import OperatorError
    from portal.host import services

    chosen = settings()
    host.install(host.load())
    require_module(given.slug)
    with database(chosen).write() as session:
        agency = find_by_code(session, given.agency)
        if agency is None:
            raise OperatorError(f"There is no agency with the code {given.agency}.")
        if to:
            services.enable(session, operator(), given.slug, agency.id)
        else:
            services.disable(session, operator(), given.slug, agency.id)
        say(f"The module {given.slug} is {'on' if to else 'off'} for {agency.name}.")
    return 0


def run_verify(given: argparse.Namespace) -> int:
    """Verify the trail."""
    from pathlib import Path

    from portal.audit import chain

    against = None
    if given.checkpoint:
        against = chain.read_checkpoint(Path(given.checkpoint), key=given.key)
    db = database()
    finding = chain.verify(db, against)
    with db.read() as session:
        size, head = chain.head(session)
    if given.json:
        found = None if finding is None else vars_of(finding)
        say(json.dumps({"whole": finding is None, "size": size, "head": head, "finding": found}))
    elif finding is None:
        say(f"The trail is whole: {size} entries, head {head[:16]}.")
    else:
        complain(f"link {finding.seq}, entry {finding.entry_id}: {finding.what}")
    return 0 if finding is None else 1


def vars_of(value: Any) -> dict[str, Any]:
    """Return the fields of a small value."""
    from dataclasses import asdict

    return asdict(value)


def run_checkpoint(_given: argparse.Namespace) -> int:
    """Write a checkpoint."""
    from portal.audit import chain

    chosen = settings()
    made = chain.checkpoint(database(chosen), chosen.data_dir)
    say(f"Checkpoint {made.printed} in {chain.checkpoints_path(chosen.data_dir)}")
    say(f"Public key, to be noted elsewhere: {made.key}")
    return 0


def run_incident(given: argparse.Namespace) -> int:
    """Open the file of an incident; names stand in it nowhere."""
    from portal.privacy import command

    report = command.report(database(), operator(), given.user, given.since, given.until)
    say(json.dumps(report) if given.json else "\n".join(command.told(report)))
    return 0


def run_bench(given: argparse.Namespace) -> int:
    """Measure pages of the portal beside a bare page, or search by names beside plain ways."""
    from portal.bench import running, searching
    from portal.errors import OperatorError

    run = searching.run if given.search else running.run
    sizes = (given.search or given.cases).split(",")
    if given.rounds < 1:
        raise OperatorError("--rounds takes a number from 1 up.")
    if not all(size.isdecimal() and int(size) >= SMALLEST_BENCH for size in sizes):
        raise OperatorError(f"Sizes are numbers from {SMALLEST_BENCH} up, with commas.")
    return run(sorted(map(int, sizes)), given.rounds, as_json=given.json, check=given.check)


def run_reindex(_given: argparse.Namespace) -> int:
    """Make the index of names anew, in one transaction."""
    from portal.people import index

    with database().write() as session:
        count = index.rebuild(session)
    say(f"The names of {count} people are indexed.")
    return 0


def run_doctor(given: argparse.Namespace) -> int:
    """Say what is unsafe; exit 1 where anything is."""
    from portal.doctor import findings

    found = findings(settings())
    if given.json:
        say(json.dumps(found))
    else:
        for line in found or ["Nothing unsafe was found."]:
            say(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
