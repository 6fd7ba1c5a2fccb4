"""`stationmaster bench`: what this machine makes of Stationmaster, each figure beside a reference from the same run."""
