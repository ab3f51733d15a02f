"""The edge: what a request carries, checked before anybody works with it."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sluice.ports import SHOWN_NAMES

from .faults import Fault, bad_parameter, bad_password, no_such_client, not_authorized

MAX_VALUE = 2048
MAX_NAME = 100
LONGEST_EMAIL = 128

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = re.compile(rf"[a-z0-9!#$%&'*+/=?^_`{{|}}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{{|}}~-]+)*@{_LABEL}(?:\.{_LABEL})*")
_ATTRIBUTES = {
    *("address", "birthdate", "email", "family_name", "gender", "given_name", "locale", "middle_name", "name"),
    *("nickname", "phone_number", "picture", "preferred_username", "profile", "website", "zoneinfo"),
}
_READ_ONLY = frozenset({"sub", "email_verified", "phone_number_verified", "identities"})


@dataclass(frozen=True)
class Call:
    """One request: its fields and the address it came from."""

    fields: Mapping[str, Any]
    address: str

    def text(self, name: str, *, most: int = 128) -> str:
        """A required text of at most that many characters."""
        value = self.fields.get(name)
        if value is None:
            raise _broken("null", name, "Member must not be null")
        return _text(value, name, most)

    def texts(self, name: str) -> Mapping[str, str]:
        """A map of texts; empty where it was not sent."""
        value = self.fields.get(name) or {}
        if not isinstance(value, dict):
            raise bad_parameter(f"{name} must be an object.")
        return {key: _text(text, key, 8192) for key, text in value.items() if text is not None}

    def attributes(self) -> Mapping[str, str]:
        """The user attributes in the request, each known, writable and well-formed."""
        value = self.fields.get("UserAttributes") or []
        if not isinstance(value, list) or len(value) > 50:
            raise bad_parameter("UserAttributes must be a list of at most 50 names and values.")
        return dict(_attribute(item) for item in value)

    def require_client(self, client_id: str) -> None:
        """A Fault unless the request is for our one client, which has no secret."""
        given = self.text("ClientId")
        if given != client_id:
            raise no_such_client(given)
        if self.fields.get("SecretHash") or self.fields.get("ClientSecret"):
            raise not_authorized(f"Client {given} is not configured for secret but secret was received")


def parse(body: bytes, address: str) -> Call:
    """The call that a request's body makes."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise Fault("SerializationException", "The request must be a JSON object.")
    return Call(fields, address)


def parameter(texts: Mapping[str, str], name: str) -> str:
    """One of the parameters of a sign-in, which must be there."""
    value = texts.get(name)
    if not value:
        raise bad_parameter(f"Missing required parameter {name}")
    return value


def email(text: str) -> str:
    """The e-mail address, in lower case."""
    lowered = text.lower()
    if len(text) > LONGEST_EMAIL or not text.isascii() or not _EMAIL.fullmatch(lowered):
        raise bad_parameter("Invalid email address format.")
    return lowered


def new_password(text: str) -> str:
    """A password that is good enough to be kept."""
    complaints = {
        "Password not long enough": len(text) < 8,
        "Password must have lowercase characters": not any(char.islower() for char in text),
        "Password must have uppercase characters": not any(char.isupper() for char in text),
        "Password must have numeric characters": not any(char.isdigit() for char in text),
        "Password must not begin or end with a space": text != text.strip(),
    }
    for complaint, holds in complaints.items():
        if holds:
            raise bad_password(complaint)
    return text


def _text(value: object, name: str, most: int) -> str:
    if not isinstance(value, str) or not _encodable(value):
        raise bad_parameter(f"{name} must be a text.")
    if not value:
        raise _broken("''", name, "Member must have length greater than or equal to 1")
    if len(value) > most:
        raise _broken("too long", name, f"Member must have length less than or equal to {most}")
    return value


def _broken(value: str, name: str, constraint: str) -> Fault:
    place = name[0].lower() + name[1:]
    shown = f"Value {value}" if value == "null" else "Value"
    return bad_parameter(
        f"1 validation error detected: {shown} at '{place}' failed to satisfy constraint: {constraint}"
    )


def _encodable(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _attribute(item: object) -> tuple[str, str]:
    name, value = (item.get("Name"), item.get("Value", "")) if isinstance(item, dict) else (None, None)
    if not isinstance(name, str) or not isinstance(value, str) or not _encodable(name + value):
        raise bad_parameter("Each user attribute must have a Name and a Value.")
    if name in _READ_ONLY:
        raise not_authorized("A client attempted to write unauthorized attribute")
    if name not in _ATTRIBUTES:
        raise bad_parameter(
            f"Attributes did not conform to the schema: {name[:32]}: Attribute does not exist in the schema."
        )
    return name, _attribute_value(name, value)


def _attribute_value(name: str, value: str) -> str:
    tidy = unicodedata.normalize("NFC", value).strip()
    if len(tidy) > (MAX_NAME if name in SHOWN_NAMES else MAX_VALUE):
        raise bad_parameter(f"Attributes did not conform to the schema: {name}: String is too long")
    if any(unicodedata.category(char) == "Cc" for char in tidy):
        raise bad_parameter(f"Attributes did not conform to the schema: {name}: Control characters are not allowed")
    if name == "phone_number" and tidy and not re.fullmatch(r"\+[0-9]{1,15}", tidy):
        raise bad_parameter("Invalid phone number format.")
    return email(tidy) if name == "email" else tidy
