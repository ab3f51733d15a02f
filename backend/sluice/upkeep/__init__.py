"""What an operator does to a Sluice on this machine, by command: look after it, back it up, clean it."""
