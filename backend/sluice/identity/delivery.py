"""How answers tell where a code went, without giving the address away."""

from collections.abc import Mapping

from .vault import Vault

Details = Mapping[str, str]


def details(email: str) -> Details:
    """The delivery of a code to this address."""
    mailbox, _, domain = email.partition("@")
    return {"AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": f"{mailbox[:1]}***@{domain[:1]}***"}


def likely_details(vault: Vault, name: str) -> Details:
    """The same for a name that nobody has, believable and always alike."""
    letters = [chr(ord("a") + byte % 26) for byte in vault.digest("decoy mailbox", name)[:2]]
    return details(name if "@" in name else "@".join(letters))
