"""The base of whatever a form may send."""

from pydantic import BaseModel, ConfigDict


class Input(BaseModel):
    """What a form may send; its checker is built when the form is first read, not at start."""

    model_config = ConfigDict(defer_build=True)
