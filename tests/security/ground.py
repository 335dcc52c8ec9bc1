"""Where the measures are taken: the demonstration on a real database, people with browsers."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from flask import Flask
from sqlmodel import Session, col

from portal.access.models import Membership
from portal.access.queries import acting_choices
from portal.actor import AgencyKind, Role, system_actor
from portal.agencies.models import Agency
from portal.app import create_app
from portal.db import Database, migrations, new_id
from portal.db.sealing import Keyring, make_key_file
from portal.demo.world import build
from portal.host import services as modules
from portal.settings import Mode, Settings
from portal.users.models import User
from tests.factories.agencies import make_agency, make_member, put_on_duty
from tests.postgresql import running
from tests.webclient import Browser

DATABASES = ("sqlite", "postgresql")
SECRET = "s" * 40
# Roles that work on cases and roles that keep house: a stranger of each kind is put in.
STRANGERS = {
    "worker": (Role.COORDINATOR, Role.CASEWORKER, Role.DUTY_OFFICER, Role.CARER, Role.VIEWER),
    "keeper": (Role.AGENCY_ADMIN, Role.PRIVACY_OFFICER),
}


@dataclass(frozen=True)
class Measure:
    """What a goal asks, what was found, and whether that is good enough."""

    goal: str
    asked: str
    found: str
    holds: bool
    faults: tuple[str, ...] = ()


@dataclass
class Ground:
    """An instance to be measured: its application, its database and the people who use it.

    `another` gives a database of its own to what would disturb the others.
    """

    app: Flask
    db: Database
    keys: Keyring
    folder: Path
    settings: Settings
    browsers: dict[str, Browser] = field(default_factory=dict)
    another: Callable[[], AbstractContextManager[Database]] | None = None
    is_small: bool = False

    def anybody(self) -> Browser:
        """Return a new browser in which nobody is signed in."""
        return Browser(self.app, self.db)

    @contextmanager
    def elsewhere(self) -> Iterator[Database]:
        """Let the application serve a new, empty database for a block."""
        assert self.another is not None
        with self.another() as db:
            parts = self.app.extensions["portal"]
            parts.db = db
            yield db
            parts.db = self.db

    def account(self, username: str) -> tuple[User, Agency | None]:
        """Return an account and the institution that it acts for at first."""
        with self.db.read() as session:
            user = session.scalars(sa.select(User).where(col(User.username) == username)).one()
            # Who was let go meanwhile acts for nobody.
            agency_id = next((each[0] for each in acting_choices(session, user.id)), None)
            agency = session.get_one(Agency, agency_id) if agency_id else None
            session.expunge_all()
        return user, agency

    def sign_in(self, username: str) -> Browser:
        """Return a new browser in which an account is signed in."""
        return self.anybody().sign_in(*self.account(username))

    def browser(self, username: str) -> Browser:
        """Return the browser of an account, signed in; kept from one measure to the next."""
        if username not in self.browsers:
            self.browsers[username] = self.sign_in(username)
        return self.browsers[username]

    def accounts(self) -> list[str]:
        """Return the names of the accounts that hold a role now, in order.

        A small ground names one of each set of roles.
        """
        held: dict[str, set[Role]] = {}
        with self.db.read() as session:
            statement = (
                sa.select(col(User.username), col(Membership.role))
                .join(Membership, col(Membership.user_id) == col(User.id))
                .where(col(Membership.until).is_(None))
                .order_by(col(User.username))
            )
            for name, role in session.execute(statement):
                held.setdefault(name, set()).add(role)
        if not self.is_small:
            return list(held)
        return sorted({frozenset(roles): name for name, roles in held.items()}.values())


def settings_of(db: Database, folder: Path) -> Settings:
    """Return the settings of a measured instance."""
    return Settings(
        mode=Mode.DEVELOPMENT,
        database_url=db.url.render_as_string(hide_password=False),
        data_dir=folder,
        secret_key=SECRET,
        weak_hash=True,
        https=False,
        strict_plugins=True,
    )


@contextmanager
def ground(kind: str) -> Iterator[Ground]:
    """Build the demonstration on a database of a kind, with strangers in it, for a block."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="articula-")))
        keys = make_key_file(folder / "keys" / "sealing.key")
        if kind == "postgresql":
            server = stack.enter_context(running(folder))
            db = stack.enter_context(server.database(keys))
            another: Callable[[], AbstractContextManager[Database]] = partial(server.database, keys)
        else:
            another = partial(in_a_file, folder, keys)
            db = stack.enter_context(another())
        made = prepare(db, keys, folder)
        made.another = another
        yield made


@contextmanager
def in_a_file(folder: Path, keys: Keyring) -> Iterator[Database]:
    """Give a migrated SQLite database in a file of its own for a block: a copy of the first."""
    first = Database(f"sqlite:///{folder / 'migrated.db'}", keys)
    if not (folder / "migrated.db").exists():
        migrations.upgrade(first)
    db = copy_of(first, keys, folder / f"{new_id()}.db")
    first.dispose()
    yield db
    db.dispose()


def prepare(db: Database, keys: Keyring, folder: Path, *, is_built: bool = False) -> Ground:
    """Return the demonstration on a migrated database, with strangers in it."""
    settings = settings_of(db, folder)
    app = create_app(settings, keys=keys)
    app.extensions["portal"].db = db
    if not is_built:
        build(db, settings)
    made = Ground(app, db, keys, folder, settings)
    with db.write() as session:
        put_strangers(session)
    return made


def put_strangers(session: Session) -> None:
    """Add an institution that is on no case, with its modules on, and its people of each kind."""
    agency = make_agency(session, "EXTRANA", AgencyKind.UPE, "Institución ajena", "160101")
    for slug in ("shelter", "procedure"):
        modules.enable(session, system_actor(), slug, agency.id)
    for name, roles in STRANGERS.items():
        user = make_member(session, agency, *roles, name=f"Ajena {name}")
        user.username = f"ajena-{name}"
        if Role.DUTY_OFFICER in roles:
            put_on_duty(session, agency, user)


def copy_of(db: Database, keys: Keyring, path: Path) -> Database:
    """Return a copy of a SQLite database in a file of its own."""
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(str(db.url.database), path)
    return Database(f"sqlite:///{path}", keys)
