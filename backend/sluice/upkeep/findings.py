"""What a look at one thing says: well, or not well and what to do."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's; `remedy` is there where it is not well."""

    name: str
    words: str
    remedy: str | None = None

    @property
    def well(self) -> bool:
        return self.remedy is None
