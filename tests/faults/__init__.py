"""A campaign of faults against a whole Sluice, and every crash point of an upload's life."""
