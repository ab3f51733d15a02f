"""`make bench`: measures, and prints how we stand."""

from tests.bench.cold_start import cold_start
from tests.bench.table import table


def main() -> None:
    """Measure everything and print the table."""
    print(table([cold_start()]))


if __name__ == "__main__":
    main()
