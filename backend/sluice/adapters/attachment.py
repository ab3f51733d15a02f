"""How an answer says that it is to be kept as a file, and under which name (RFC 6266)."""

import re
from urllib.parse import quote

# The rest would need quoting that browsers don't agree on; names on Windows can't have most of it.
_PLAIN = re.compile(r"[^A-Za-z0-9 ._()-]")


def attachment(file_name: str) -> str:
    """The Content-Disposition of a file to be kept under this name; ASCII, whatever the name holds."""
    plain, whole = _PLAIN.sub("_", file_name), quote(file_name, safe="")
    return f'attachment; filename="{plain}"' + ("" if plain == file_name else f"; filename*=UTF-8''{whole}")
