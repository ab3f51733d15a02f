"""Whole numbers from 1 on, as JSON has them and as addresses spell them."""

import re
from collections.abc import Callable
from typing import Any


def whole(most: int) -> Callable[[Any], int]:
    """Takes a JSON number; ValueError unless it is a whole one from 1 to `most`."""

    def read(given: Any) -> int:
        if type(given) is not int:
            raise ValueError("Give a whole number.")
        return _up_to(most, given)

    return read


def digits(most: int) -> Callable[[Any], int]:
    """Takes a text; ValueError unless it is a plain whole number from 1 to `most`."""

    def read(given: Any) -> int:
        return _up_to(most, int(given) if re.fullmatch("[0-9]{1,6}", str(given)) else 0)

    return read


def _up_to(most: int, number: int) -> int:
    if not 1 <= number <= most:
        raise ValueError(f"Give a whole number from 1 to {most}.")
    return number
