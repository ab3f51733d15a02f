"""How a Sluice on this machine is: whether it is ready, and its numbers for Prometheus."""
