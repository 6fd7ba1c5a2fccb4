"""B05-B08 The device model: variables, reports, inventories, templates."""
