"""What can go wrong between deciding and storing, in words that every engine and every block share."""


class StorageFailed(Exception):
    """Nothing of the decision is stored, and the station must not be told otherwise."""


class StaleGeneration(Exception):
    """A newer connection of the same station has taken over; this decision is void."""
