"""The base of whatever a form may send, and the kinds of values that many forms take."""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

from portal import clock
from portal.texts import _l


class Input(BaseModel):
    """What a form may send; its checker is built when the form is first read, not at start."""

    model_config = ConfigDict(defer_build=True)


def refusal(message: Any) -> PydanticCustomError:
    """Return a refusal whose translated message stands beside the field."""
    return PydanticCustomError("rule", "rule", {"message": message})


def shaped(pattern: str, message: Any) -> AfterValidator:
    """Return the check of what is typed by hand, whose refusal says how it has to look.

    A bare `pattern` would be answered as a choice that is not in its list.
    """
    shape = re.compile(pattern)

    def check(text: str) -> str:
        if shape.fullmatch(text) is None:
            raise refusal(message)
        return text

    return AfterValidator(check)


def _past_day(day: date) -> date:
    if day > clock.today():
        raise refusal(_l("This date lies in the future."))
    return day


def _past_moment(moment: datetime) -> datetime:
    if moment > clock.now():
        raise refusal(_l("This date lies in the future."))
    return moment


# What has happened: a day in Lima, or an instant, that is not to come.
PastDay = Annotated[date, AfterValidator(_past_day)]
PastMoment = Annotated[datetime, AfterValidator(_past_moment)]
# A number to call back, as people write it.
Telephone = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    shaped(r"[0-9 +()-]{6,20}", _l("Write a telephone number, such as 942 000 100.")),
]
