"""What goes to a terminal: nothing that steers it."""


def plain(text: str) -> str:
    """The text on one line, with a mark in place of whatever is no printable character."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
