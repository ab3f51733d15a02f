"""The command line's side of HTTP: a client of any Sluice, here or on AWS. Servers never import it."""
