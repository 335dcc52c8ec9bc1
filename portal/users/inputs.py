"""What the forms of sign-in and of one's own settings may send."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from portal.inputs import Input
from portal.users.factors import SHAPE


class SignInInput(Input):
    """A name and a password."""

    username: Annotated[
        str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=60)
    ]
    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class FirstDay(Input):
    """A name and the code that was given in person."""

    username: Annotated[
        str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=60)
    ]
    code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class Shown(Input):
    """What a browser answers for a passkey, as it wrote it."""

    credential: Annotated[str, StringConstraints(min_length=2, max_length=20_000)]


class NewPasskey(Shown):
    """A passkey just made, and what its owner calls it."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class SecondStep(Input):
    """A code of the app, of recovery or of the institution."""

    code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class NewApp(SecondStep):
    """The secret that an app took over, and the code that it shows."""

    secret: Annotated[str, StringConstraints(pattern=f"^{SHAPE}$")]


class AskReset(Input):
    """Whom one helps back in, why, and whether the password was lost too."""

    username: Annotated[
        str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=60)
    ]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=500)]
    also_password: bool = False


class ConfirmReset(Input):
    """How one made sure that it is the colleague who stands there."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=500)]


class NewPassword(Input):
    """A password that its owner chooses, which the rules check."""

    new_password: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Unlock(Input):
    """The password of whoever locked the screen."""

    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class PinSignIn(Input):
    """A name and a PIN, at a shared desk."""

    username: Annotated[
        str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=60)
    ]
    pin: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]


class NewPin(Input):
    """A PIN that its owner chooses, which the rules check."""

    pin: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]


class EnrolDevice(Input):
    """How a shared desk is called."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class Proof(Input):
    """The password once more, with a code where one is asked, before what is gravest."""

    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    code: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""


class OwnSettings(Input):
    """The language of the pages."""

    locale: Literal["es", "en"]


class ChangePassword(Input):
    """The present password and a new one, which the rules check."""

    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    new_password: Annotated[str, StringConstraints(min_length=1, max_length=200)]
