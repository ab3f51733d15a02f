"""Every file that is there to do harm, to mislead or to disappoint."""

from tests.media import bombs, damage, indexes, lies, pointers, strangers
from tests.media.verdicts import Case

CASES: dict[str, Case] = {
    **pointers.CASES,
    **bombs.CASES,
    **indexes.CASES,
    **damage.CASES,
    **lies.CASES,
    **strangers.CASES,
}
