"""Statements that are put together once for each kind of actor, and after that only executed.

Putting a statement together costs several times what executing it does, and a page asks thirty.
What two actors of one kind ask differs in who they are only: `once` builds with stand-ins for it,
and `acting` gives the values when it is executed. Without them the database is not asked at all.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import wraps
from typing import Any, Concatenate, Never, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import UTCDateTime

from portal import clock
from portal.actor import Actor

P = ParamSpec("P")
T = TypeVar("T")

# The moment and the day on which a statement is executed, whenever it was put together.
NOW: Any = sa.bindparam("moment_now", type_=UTCDateTime(), callable_=clock.now)
TODAY: Any = sa.bindparam("day_today", type_=sa.Date(), callable_=clock.today)

# So many kinds of actor and shapes of one statement are kept; an instance has fewer.
KEPT = 64
WHO = ("user_id", "agency_id", "sign_in_id", "staff_session_id")


class _Unasked(frozenset[str]):
    """What is no part of a kind of actor: a statement that depended on it would serve others."""

    def __contains__(self, item: object) -> Never:
        raise TypeError(f"a statement put together once may not ask for {item}")


UNASKED = _Unasked()


def given(name: str, column: Any = None, *, many: bool = False) -> Any:
    """Return the stand-in for a value that comes when the statement is executed.

    It is of the kind of a column, an identifier where none is named; `many` stands for a list of
    them, after `in_`.
    """
    kind = sa.Uuid() if column is None else column.type
    return sa.bindparam(name, type_=kind, expanding=many)


class _Texts(FunctionElement[str]):
    """The texts of a list that comes as one value (`listed`)."""

    type = sa.Text()
    inherit_cache = True


@compiles(_Texts, "sqlite")
def _texts_sqlite(element: _Texts, compiler: Any, **how: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **how)}))"  # noqa: S608 - a parameter.


@compiles(_Texts, "postgresql")
def _texts_postgresql(element: _Texts, compiler: Any, **how: Any) -> str:
    texts = compiler.process(element.clauses, **how)
    return f"(SELECT json_array_elements_text(CAST({texts} AS json)))"


def among(column: Any, name: str) -> sa.ColumnElement[bool]:
    """Return that a column is among texts that are given, as `listed`, on execution.

    They come as one value: a list of its own length would be another statement, which the database
    plans anew.
    """
    found: sa.ColumnElement[bool] = column.bool_op("IN")(
        _Texts(sa.bindparam(name, type_=sa.Text()))
    )
    return found


def listed(texts: Iterable[str]) -> str:
    """Return texts as the value of `among`."""
    return json.dumps(sorted(texts))


def acting(actor: Actor, **values: Any) -> Mapping[str, Any]:
    """Return the values of a statement put together once: who acts, and what it names besides."""
    return {f"acting_{name}": getattr(actor, name) for name in WHO} | values


def once(build: Callable[Concatenate[Actor, P], T]) -> Callable[Concatenate[Actor, P], T]:
    """Put a statement together once for each kind of actor and each shape; execute with `acting`.

    The other arguments are its shape: flags, states, limits. What is of one record or one moment
    comes as `given`, `NOW` or `TODAY`; reading the clock inside, or asking what else the actor may
    do, raises an error.
    """
    made: dict[object, T] = {}

    @wraps(build)
    def find(actor: Actor, /, *shape: P.args, **named: P.kwargs) -> T:
        key = (_kind(actor), shape, *named.items())
        if key not in made:
            for value in (*shape, *named.values()):
                _require_shape(value)
            if len(made) >= KEPT:
                made.clear()
            with clock.unread():
                made[key] = build(_stand_in(actor), *shape, **named)
        return made[key]

    return find


def _kind(actor: Actor) -> object:
    who = tuple(getattr(actor, name) is None for name in WHO)
    return who, actor.agency_kind, frozenset(actor.roles), actor.on_duty, actor.is_system


def _stand_in(actor: Actor) -> Actor:
    """Return an actor of the same kind whose identifiers are parameters."""
    who: dict[str, Any] = {
        name: given(f"acting_{name}") for name in WHO if getattr(actor, name) is not None
    }
    return replace(
        actor, **who, permissions=UNASKED, modules=UNASKED, request_id="", name="", agency_name=""
    )


def _require_shape(value: object) -> None:
    """Refuse what has more values than a statement has shapes."""
    if is_dataclass(value):
        for field in fields(value):
            _require_shape(getattr(value, field.name))
    elif value is not None and not isinstance(value, bool | int | Enum | str):
        raise TypeError(f"{value!r} is no shape of a statement: name it with given()")
