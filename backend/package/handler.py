"""What Lambda calls for the API, in place of Zappa's own handler, which would run code that an event brings along."""

from sluice.entry.lambda_api import lambda_handler, warm_up

__all__ = ["lambda_handler"]

# While a function starts it has a whole processor, later only the share that its memory buys.
warm_up()
