"""The pages of tariffs: all of them, whom they are for, which one holds where, one with its versions, and its form."""

from stationmaster.ui.pages.tariffs import assignments, change, choice, listing, one, payments

__all__ = ["assignments", "change", "choice", "listing", "one", "payments"]
