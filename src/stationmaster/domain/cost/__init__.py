"""I Tariff and cost: tariffs, evidence, prices, bills, and what a driver is told of them."""
