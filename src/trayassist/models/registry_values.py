"""Values of registry.yaml that are more than a number or a text, and what to write where one is wrong."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import PlainValidator
from pydantic_core import PydanticCustomError


def _amount(value: Any) -> int | Literal["auto"]:
    if value == "auto" or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return value  # type: ignore[no-any-return]  # one of the two
    raise PydanticCustomError("amount", "Give a whole number, or auto")


def _size(value: Any) -> float | Literal["auto"]:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if value == "auto" or (number and math.isfinite(value) and value >= 0):
        return value  # type: ignore[no-any-return]  # one of the two
    raise PydanticCustomError("size", "Give a number, or auto")


def _url(value: Any) -> str:
    if isinstance(value, str) and ("@" in value or "?" in value):
        raise PydanticCustomError("secret", "An address holds no name, password or key; store the key in the keyring")
    if isinstance(value, str) and (value == "" or value.startswith(("http://", "https://"))):
        return value
    raise PydanticCustomError("url", "Give an address that begins with http:// or https://")


def _secret(value: Any) -> str:
    if isinstance(value, str) and (value == "" or (value.startswith("keyring:") and value.count("/") == 1)):
        return value
    raise PydanticCustomError(
        "secret", "A key is never written into this file; write keyring:trayassist/NAME and store it in the keyring"
    )


Amount = Annotated[int | Literal["auto"], PlainValidator(_amount)]
Size = Annotated[float | Literal["auto"], PlainValidator(_size)]
Url = Annotated[str, PlainValidator(_url)]
Secret = Annotated[str, PlainValidator(_secret)]
