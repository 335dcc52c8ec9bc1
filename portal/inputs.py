"""The base of whatever a form may send, and the kinds of values that many forms take."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

from portal import clock
from portal.texts import _l


class Input(BaseModel):
    """What a form may send; its checker is built when the form is first read, not at start."""

    model_config = ConfigDict(defer_build=True)


def refusal(message: Any) -> PydanticCustomError:
    """Return a refusal whose translated message stands beside the field."""
    return PydanticCustomError("rule", "rule", {"message": message})


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
