"""The operator's web pages: a client of the REST API, in process. A module for each job of the operator in `pages`."""
