"""A driver's rights: telling and erasing."""
