"""Values of registry.yaml that are more than a number or a text, and what to write where one is wrong."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import PlainValidator
from pydantic_core import PydanticCustomError

BARE_ADDRESS = "An address holds no name, password or key; store the key in the keyring"
MOST = 65_536  # threads, layers
MOST_GB = 100_000.0
MOST_BYTES = 255  # of a file's name, on every usual file system


def _amount(value: Any) -> int | Literal["auto"]:
    if value == "auto" or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST):
        return value  # type: ignore[no-any-return]  # one of the two
    raise PydanticCustomError("amount", "Give a whole number, or auto")


def _size(value: Any) -> float | Literal["auto"]:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if value == "auto" or (number and 0 <= value <= MOST_GB):
        return value  # type: ignore[no-any-return]  # one of the two
    raise PydanticCustomError("size", f"Give a number from 0 to {MOST_GB:g}, or auto")


def _file(value: Any) -> str:
    if not isinstance(value, str) or any(ord(sign) < 32 for sign in value):
        raise PydanticCustomError("file", "Give the name of a file")
    if any(len(part.encode()) > MOST_BYTES for part in value.split("/")):
        raise PydanticCustomError("file", "Give a shorter name: no file can be called so")
    return value


def switched(value: Any) -> Any:
    """Return what `true` or `false` alone stand for, where a section has a switch of its own."""
    return {"enabled": value} if isinstance(value, bool) else value


def url_problem(value: Any) -> str:
    """Return what is wrong with the address of an endpoint, as what to do without a full stop; "" when nothing is."""
    if isinstance(value, str) and ("@" in value or "?" in value):
        return BARE_ADDRESS
    fine = isinstance(value, str) and (value == "" or value.startswith(("http://", "https://")))
    return "" if fine else "Give an address that begins with http:// or https://"


def _url(value: Any) -> str:
    if problem := url_problem(value):
        raise PydanticCustomError("secret" if problem == BARE_ADDRESS else "url", problem)
    return str(value)


def _secret(value: Any) -> str:
    if isinstance(value, str) and (value == "" or (value.startswith("keyring:") and value.count("/") == 1)):
        return value
    raise PydanticCustomError(
        "secret", "A key is never written into this file; write keyring:trayassist/NAME and store it in the keyring"
    )


Amount = Annotated[int | Literal["auto"], PlainValidator(_amount)]
Size = Annotated[float | Literal["auto"], PlainValidator(_size)]
FileName = Annotated[str, PlainValidator(_file)]
Url = Annotated[str, PlainValidator(_url)]
Secret = Annotated[str, PlainValidator(_secret)]
