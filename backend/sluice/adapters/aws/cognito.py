"""People of a Cognito user pool."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from sluice.errors import Unavailable
from sluice.ports import SHOWN_NAMES

from .clients import asking, code_of

log = logging.getLogger(__name__)


class CognitoPeople:
    """ports.People over a user pool: one question a ticket, none a view, since videos keep their owner's name."""

    def __init__(self, clients: Callable[[str], Any], pool_id: str) -> None:
        self._clients = clients
        self._pool_id = pool_id

    def name_of(self, user_id: str) -> str | None:
        try:
            attributes = self._attributes(user_id)
        except Unavailable as error:
            # The upload matters more than the name beside it.
            log.warning("user=%s name unknown: %s", user_id, error)
            return None
        return next((attributes[name] for name in SHOWN_NAMES if attributes.get(name)), None)

    def _attributes(self, user_id: str) -> Mapping[str, str]:
        from botocore.exceptions import ClientError

        try:
            with asking("cognito-idp"):
                found = self._clients("cognito-idp").admin_get_user(UserPoolId=self._pool_id, Username=user_id)
        except ClientError as error:
            if code_of(error) == "UserNotFoundException":
                # Who has left, or comes from another provider and is not found by this id.
                return {}
            raise
        return {one["Name"]: one["Value"] for one in found["UserAttributes"]}
