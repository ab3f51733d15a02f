"""Counts the files by kind: `python -m tests.media`."""

from tests.media import bombs, cases, damage, indexes, lies, pointers, strangers

KINDS = {
    "files that point elsewhere": pointers.CASES,
    "bombs": bombs.CASES,
    "tables that say too much": indexes.CASES,
    "damaged and encrypted": damage.CASES,
    "lying headers and odd clocks": lies.CASES,
    "something else": strangers.CASES,
    "honest oddities": cases.CASES,
}

if __name__ == "__main__":
    for kind, found in KINDS.items():
        print(f"{len(found):4} {kind}")
    print(f"{sum(map(len, KINDS.values())):4} in all")
