"""Which Sluice to talk to, and what it says of itself."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from . import addresses
from .addresses import THIS_MACHINE, joined, origin, watch_page
from .answers import Config, understood
from .exchange import exchange
from .retries import Patience
from .troubles import NoSuchHost, NotRunning, Trouble, Unreachable


@dataclass(frozen=True)
class Server:
    """A Sluice at an address, and its /config.json."""

    address: str
    config: Config

    def here(self, url: str) -> str:
        """An address that the server gave out, as it can be reached from here."""
        public = self.config.get("publicUrl")
        # It may go by another name than the one we know it under: through a tunnel, in a container, in the house.
        if public and (url == public or url.startswith(f"{public}/")):
            return self.address + url[len(public) :]
        return joined(f"{self.address}/", url)

    def api(self, path: str) -> str:
        """The address of this call."""
        return self.here(self.config["apiUrl"]) + path

    def watch(self, video_id: str) -> str:
        """The page to watch this video on."""
        return watch_page(self.address, video_id)

    @property
    def accounts(self) -> str:
        """Where its accounts sign in. Trouble if that is not in Cognito's protocol."""
        if endpoint := self.config.get("userPoolEndpoint"):
            return self.here(endpoint)
        if self.config.get("userPoolId"):
            return origin(self.config["issuer"]) + "/"
        raise Trouble(
            f"the accounts of {self.address} are kept elsewhere ({self.config['issuer']}), "
            "where this command can't sign in; set SLUICE_TOKEN to an access token"
        )

    @property
    def is_private_line(self) -> bool:
        """Whether nobody on the way can read along."""
        parts = urlsplit(self.address)
        return parts.scheme == "https" or parts.hostname in THIS_MACHINE


def connect(given: str, patience: Patience) -> Server:
    """The Sluice at this address. Unreachable if nothing answers, Trouble if something else does.

    A server that is being started again is waited for, but by those who have seen it running."""
    address = addresses.given(given)
    try:
        answer = patience(lambda: exchange("GET", f"{address}/config.json"), give_up_on=(NotRunning, NoSuchHost))
    except NotRunning as trouble:
        raise NotRunning(f"{trouble}; start it with `make run`, or say which: sluice login --server URL") from trouble
    config = answer.json()
    if answer.status >= 500:
        raise Unreachable(f"{address} can't answer right now (status {answer.status})")
    if answer.status in (301, 302, 303, 307, 308):
        raise Trouble(f"{address} has moved to {answer.headers.get('location', 'somewhere else')}; give that address")
    if not answer.ok or not Config.__required_keys__ <= config.keys():
        raise Trouble(f"{address} is not a Sluice (/config.json answers with status {answer.status})")
    return Server(address, understood(config, Config))
