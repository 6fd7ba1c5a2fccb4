"""What all operations share: access, errors, paging, the document, the listener."""
