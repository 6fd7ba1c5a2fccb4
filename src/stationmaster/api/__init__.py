"""The REST API and its event stream: one router for each subject, over the services of the CSMS."""
