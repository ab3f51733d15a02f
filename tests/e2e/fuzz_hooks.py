"""Lets schemathesis find videos: now and then it asks for one that is there. It loads this by SCHEMATHESIS_HOOKS."""

import os
from random import Random

import schemathesis

KNOWN = os.environ.get("FUZZ_VIDEOS", "").split()
# Chances of its own, so that what schemathesis draws stays what its seed says.
CHANCES = Random(7)


@schemathesis.hook
def before_call(context, case, kwargs):
    # Later phases follow up what they made themselves.
    if case.meta is None or case.meta.phase.name.value != "fuzzing" or case.method == "DELETE":
        return
    if "id" in (case.path_parameters or {}) and CHANCES.random() < 0.7:
        case.path_parameters["id"] = CHANCES.choice(KNOWN)
    if isinstance(case.body, dict) and isinstance(case.body.get("id"), str) and CHANCES.random() < 0.7:
        case.body["id"] = CHANCES.choice(KNOWN)
