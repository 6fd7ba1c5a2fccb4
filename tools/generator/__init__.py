"""Schema to model to text: how the typed messages of the protocol library are written."""
