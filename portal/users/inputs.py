"""What the forms of sign-in and of one's own settings may send."""

from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints


class SignInInput(BaseModel):
    """A name and a password."""

    username: Annotated[
        str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=60)
    ]
    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class FirstDay(BaseModel):
    """A name and the code that was given in person."""

    username: Annotated[
        str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=60)
    ]
    code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class NewPassword(BaseModel):
    """A password that its owner chooses, which the rules check."""

    new_password: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Proof(BaseModel):
    """The password once more, before what is gravest."""

    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class OwnSettings(BaseModel):
    """The language of the pages."""

    locale: Literal["es", "en"]


class ChangePassword(BaseModel):
    """The present password and a new one, which the rules check."""

    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    new_password: Annotated[str, StringConstraints(min_length=1, max_length=200)]
