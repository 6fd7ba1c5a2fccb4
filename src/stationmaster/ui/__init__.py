"""The operator's web pages: a client of the REST API. A module for each job of the operator in `pages`."""
