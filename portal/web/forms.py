"""Forms over typed input models: nothing typed is lost, nothing is written twice.

A form carries a key (sent twice, it makes one record), the acting agency (a second tab cannot write
for the wrong one) and the row's version (two people: the second sees both texts and chooses).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.errors import Invalid, Problem
from portal.texts import _, _l, day_text, moment_text
from portal.web.drafts import Saved, discard_draft, find_draft
from portal.web.render import new_key, page
from portal.web.request import writing

M = TypeVar("M", bound=BaseModel)
P = TypeVar("P", bound=BaseModel)
T = TypeVar("T")

NESTED = re.compile(r"^(\w+)-(\d+)-(\w+)$")
MOST_ROWS = 20
# Whoever is alive was born later; what is reckoned from a day stays within the calendar.
YEARS = range(1900, 2200)
TYPED_DAY = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$")

# What pydantic finds wrong, said to a person; `%(…)s` is filled from the error's context.
MESSAGES: dict[str, Any] = {
    "missing": _l("Fill this in."),
    "string_too_short": _l("Write at least %(min_length)s characters."),
    "string_too_long": _l("Too long: at most %(max_length)s characters fit here."),
    "string_pattern_mismatch": _l("Choose one from the list."),
    "string_type": _l("Fill this in."),
    "int_parsing": _l("Write a whole number."),
    "int_type": _l("Write a whole number."),
    "greater_than_equal": _l("It cannot be less than %(ge)s."),
    "less_than_equal": _l("It cannot be more than %(le)s."),
    "enum": _l("Choose one from the list."),
    "literal_error": _l("Choose one from the list."),
    "uuid_parsing": _l("Choose one from the list."),
    "bool_parsing": _l("Choose yes or no."),
    "too_short": _l("Choose at least one."),
    "too_long": _l("Choose at most %(max_length)s."),
    "date": _l("Write the date as day/month/year, for example 23/11/2026."),
    "moment": _l("Write the date and hour, for example 23/11/2026 15:00."),
    "time_parsing": _l("Write the hour, for example 15:00."),
    "year": _l("This year cannot be: write its four digits, from 1900 to 2199."),
}
FALLBACK = _l("This is not right. Look at it again.")


class Form(Generic[M]):
    """One form of a page: what was posted or drafted or stands there, and what is wrong with it.

    `initial` holds what stands in the record, by field; `version` is the record's row version.
    `called` is filled while the page is made: how it calls each field, in the order of the page.
    """

    def __init__(
        self,
        model: type[M],
        *,
        initial: Mapping[str, Any] | None = None,
        version: int | None = None,
    ) -> None:
        self.model = model
        self.initial = dict(initial or {})
        self.version = version
        self.problems: list[Problem] = []
        self.conflicts: list[str] = []
        self.called: dict[str, Any] = {}
        self.posted = request.method == "POST"
        self.added = request.form.get("_add", "") if self.posted else ""
        self.key = request.form.get("_key", "") or new_key()
        self.draft: Saved | None = self._find_draft()
        self.data: MultiDict[str, str] = self._data()
        self.status = 200

    def _find_draft(self) -> Saved | None:
        return None if self.posted else find_draft(request.path)

    def _data(self) -> MultiDict[str, str]:
        if self.posted:
            return request.form
        if self.draft is not None:
            return MultiDict(self.draft.content)
        return _as_posted(self.initial)

    @property
    def draft_saved_at(self) -> datetime | None:
        """Return when the text shown was typed, where it comes from a draft."""
        return self.draft.saved_at if self.draft else None

    def value(self, name: str) -> str:
        """Return what stands in a field."""
        return self.data.get(name, "").replace("\x00", "")

    def values(self, name: str) -> list[str]:
        """Return what is chosen in a field of several."""
        return [value.replace("\x00", "") for value in self.data.getlist(name)]

    def rows(self, name: str, *, least: int = 1, more: int = 1, most: int = MOST_ROWS) -> list[int]:
        """Return the numbers of the rows of a nested list, `more` of them where that was asked."""
        found = {
            int(match[2]) for key in self.data if (match := NESTED.match(key)) and match[1] == name
        }
        shown = max(max(found, default=0) + 1, least)
        count = min(shown + more * (self.added == name), most, MOST_ROWS)
        return list(range(count))

    def error(self, name: str) -> Any:
        """Return what is wrong with a field, or an empty text."""
        return next((each.message for each in self.problems if each.field == name), "")

    def stands(self, name: str, choices: Iterable[tuple[Any, Any]] = ()) -> str:
        """Return what the record holds where somebody saved another value meanwhile, or nothing.

        `choices` are the pairs of value and label that the field offers.
        """
        if name not in self.conflicts:
            return ""
        labels = {str(value): str(label) for value, label in choices}
        held = [labels.get(_plain(each)) or _told(each) for each in _each(self.initial.get(name))]
        return "; ".join(held) or str(_("(empty)"))

    def _is_own(self, name: str) -> bool:
        """Tell whether a posted field is the form's, by itself or in a row of a list."""
        match = NESTED.match(name)
        return (match[1] if match else name) in self.model.model_fields

    def required(self, name: str) -> bool:
        """Tell whether a field must be filled in; `list-0-name` asks the nested model."""
        model: Any = self.model
        match = NESTED.match(name)
        if match:
            model = get_args(self.model.model_fields[match[1]].annotation)[0]
            name = match[3]
        found = model.model_fields.get(name)
        return bool(found and found.is_required())

    def submit(self, act: Callable[[M], T]) -> T | None:
        """Run the act on what was posted, if it holds; else keep the problems for the page.

        For an act whose result is used: it returns something. Else `done` tells that it was run.
        """
        made: list[T] = []
        return made[0] if self.done(lambda given: made.append(act(given))) else None

    def done(self, act: Callable[[M], object]) -> bool:
        """Run the act on what was posted, if it holds, and tell so; else keep the problems."""
        if not self.posted or self.added:
            return False
        given = self.read()
        if given is None or self.problems or not self._is_current():
            return False
        try:
            act(given)
        except Invalid as error:
            self.refuse(*error.problems)
            return False
        discard_draft(writing(), request.path)
        return True

    def read(self) -> M | None:
        """Return what was posted as the input model, or None with the problems noted."""
        try:
            return self.model.model_validate(nest(self.data, self.model))
        except ValidationError as error:
            self.refuse(*[_problem(each) for each in error.errors()])
            return None

    def refuse(self, *problems: Problem) -> None:
        """Note what is wrong; the page shows it beside each field."""
        self.problems.extend(self._beside(each) for each in problems)
        self.status = 422

    def _beside(self, problem: Problem) -> Problem:
        """Return a problem with the row as it stands on the page, where blank rows stand too."""
        match = NESTED.match(problem.field or "")
        if not match:
            return problem
        filled = _filled_rows(self.data, match[1])
        place = int(match[2])
        number = filled[place] if place < len(filled) else place
        return Problem(f"{match[1]}-{number}-{match[3]}", problem.message)

    def _is_current(self) -> bool:
        """Compare the version that the form showed; a stale one keeps both texts for the page."""
        if self.version is None or request.form.get("_version") == str(self.version):
            return True
        before = _as_posted(self.initial)
        names = [*before, *(name for name in self.data if name not in before)]
        self.conflicts = [
            name
            for name in names
            if self._is_own(name) and before.getlist(name) != self.data.getlist(name)
        ]
        self.status = 409
        return False

    def page(self, template: str, **context: Any) -> tuple[str, int]:
        """Render the page with the form in it: 422 with problems, 409 with two texts, else 200."""
        return page(template, form=self, **context), self.status


class Question(Form[M]):
    """A form that asks by its address (GET): filters, with what is wrong said beside each field."""

    def _find_draft(self) -> None:
        return None

    def _data(self) -> MultiDict[str, str]:
        return request.args

    def ask(self) -> M:
        """Return what was asked; where something of it cannot be, all of it unasked."""
        asked = self.read()
        return asked if asked is not None else self.model()


def say_also(form: Form[M], model: type[P], wrong: Callable[[P], Iterable[Problem]]) -> None:
    """Say what else is wrong where what was posted does not hold by itself, all in one round.

    `model` is the part of it that the act's own rules are about. Where the whole holds the act has
    said already what is wrong.
    """
    if not form.posted or form.added or _read(form, form.model) is not None:
        return
    given = _read(form, model)
    if given is not None:
        form.refuse(*wrong(given))


def _read(form: Form[M], model: type[P]) -> P | None:
    try:
        return model.model_validate(nest(form.data, model))
    except ValidationError:
        return None


def _problem(error: Any) -> Problem:
    where = list(error["loc"])
    if where and isinstance(where[-1], int):
        # What is wrong with one of several that were chosen stands beside them all.
        where.pop()
    context = error.get("ctx") or {}
    message = context.get("message")
    if message is None:
        given = error.get("input")
        text = MESSAGES.get(given.kind if isinstance(given, Wrong) else error["type"], FALLBACK)
        message = _filled(text, context)
    return Problem("-".join(map(str, where)) or None, message)


def _filled(text: Any, context: Mapping[str, Any]) -> Any:
    values = {key: value for key, value in context.items() if isinstance(value, int | str | float)}
    return str(text) % values if values and "%(" in str(text) else text


def _as_posted(values: Mapping[str, Any]) -> MultiDict[str, str]:
    """Return a record's values as a form would post them."""
    return MultiDict(
        (name, _plain(each)) for name, value in values.items() for each in _each(value)
    )


def _each(value: Any) -> list[Any]:
    """Return what a field holds, which may be several or nothing."""
    several = value if isinstance(value, list | tuple | set | frozenset) else [value]
    return [each for each in several if each is not None and each != ""]


def _told(value: Any) -> str:
    if isinstance(value, datetime):
        return moment_text(clock.local(value))
    return day_text(value) if isinstance(value, date) else _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, datetime):
        return clock.local(value).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return str(getattr(value, "value", value))


def nest(data: MultiDict[str, str], model: type[BaseModel]) -> dict[str, Any]:
    """Return posted fields as the input model reads them.

    Empty values are dropped, lists kept, rows `children-0-name` gathered (blank rows dropped), days
    accepted as typed (day/month/year) and hours read in Lima.
    """
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        inner = _list_of(field.annotation)
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found[name] = _nested_rows(data, name, inner)
        elif inner is not None:
            found[name] = [_typed(inner, value) for value in data.getlist(name) if value.strip()]
        elif data.get(name, "").strip():
            found[name] = _typed(field.annotation, data[name])
    return found


def _filled_rows(data: MultiDict[str, str], name: str) -> list[int]:
    """Return the numbers of the rows in which something is written."""
    found = {
        int(match[2])
        for key, value in data.items(multi=True)
        if (match := NESTED.match(key)) and match[1] == name and value.strip()
    }
    return sorted(found)[:MOST_ROWS]


def _nested_rows(data: MultiDict[str, str], name: str, inner: type[BaseModel]) -> list[Any]:
    rows: dict[int, MultiDict[str, str]] = {}
    for key, value in data.items(multi=True):
        match = NESTED.match(key)
        if match and match[1] == name and value.strip():
            rows.setdefault(int(match[2]), MultiDict()).add(match[3], value)
    return [nest(rows[number], inner) for number in sorted(rows)[:MOST_ROWS]]


def _list_of(annotation: Any) -> Any:
    """Return what a list annotation holds, or None for another kind."""
    if get_origin(annotation) in (list, set, frozenset, tuple):
        return get_args(annotation)[0]
    return None


def _typed(annotation: Any, value: str) -> Any:
    """Return a posted text ready for pydantic, which would read "12345" as a moment."""
    parts = (annotation, *get_args(annotation))
    # What a value must hold besides its kind, as `PastMoment` does, is pydantic's to check.
    kinds = {get_args(part)[0] if get_origin(part) is Annotated else part for part in parts}
    if datetime in kinds:
        return _moment(value.strip())
    if date in kinds:
        return _day(value.strip())
    return value.replace("\x00", "")


def _day(value: str) -> Any:
    typed = TYPED_DAY.match(value)
    if typed:
        value = f"{typed[3]}-{int(typed[2]):02d}-{int(typed[1]):02d}"
    try:
        found = date.fromisoformat(value) if DAY.match(value) else None
    except ValueError:
        found = None
    if found is None:
        return Wrong("date")
    return found if found.year in YEARS else Wrong("year")


def _moment(value: str) -> Any:
    try:
        found = datetime.fromisoformat(value) if MOMENT.match(value) else None
    except ValueError:
        found = None
    if found is None:
        return Wrong("moment")
    return found.replace(tzinfo=clock.LIMA) if found.year in YEARS else Wrong("year")


class Wrong:
    """A date that cannot be read; pydantic refuses it and the message says how to write one."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
