"""Which processes there are, without asking a program that costs more than what is looked for."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """One living process."""

    pid: int
    parent: int
    words: tuple[str, ...]

    @property
    def kind(self):
        """`serve`, `worker encoder`, `ffmpeg`: what it is to us."""
        if "sluice" in self.words:
            rest = self.words[self.words.index("sluice") + 1 :]
            return " ".join(word for word in rest if not word.startswith("--") and not word.isdigit())
        return Path(self.words[0]).name if self.words else ""


def living():
    """Every process that is no zombie, by its id."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError, ValueError):
                found[int(folder.name)] = _read(folder)
    return {pid: process for pid, process in found.items() if process is not None}


def _read(folder):
    state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
    words = tuple((folder / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1])
    return None if state == "Z" else Process(int(folder.name), int(parent), words)


def below(root):
    """Every living process below this one, not itself."""
    everybody = living()
    found, layer = [], {root}
    while layer:
        children = [one for one in everybody.values() if one.parent in layer]
        found += children
        layer = {one.pid for one in children}
    return found


def using(folder):
    """Every living process whose command line or surroundings name this folder."""
    return [one for one in living().values() if _names(one, str(folder))]


def _names(process, text):
    with suppress(OSError):
        surroundings = Path(f"/proc/{process.pid}/environ").read_bytes().decode(errors="replace")
        return text in surroundings or any(text in word for word in process.words)
    return False
