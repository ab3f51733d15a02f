"""What can go wrong, sorted by who must act."""


class SluiceError(Exception):
    """A failure with a stable code for programs and one plain sentence for people."""

    code = "error"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.code)
        self.detail = detail


class Refused(SluiceError):
    """The caller asked for something the rules do not allow; asking again changes nothing before `retry_after_s`."""

    def __init__(self, code: str, detail: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.retry_after_s = retry_after_s


class NotFound(SluiceError):
    """There is no such thing, or not for this caller."""

    code = "not_found"


class Unauthenticated(SluiceError):
    """The caller did not prove who they are."""

    code = "unauthenticated"


class Conflict(SluiceError):
    """Somebody else wrote first; reload and decide again."""

    code = "conflict"


class Unplayable(SluiceError):
    """The source can't become a stream; the code and the sentence are for its owner."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class Unavailable(SluiceError):
    """Something we depend on does not answer now; the same call may succeed later."""

    code = "unavailable"


class MachineUnusable(Unavailable):
    """This machine can't do such work now, whoever asks for it; no message is to blame."""
