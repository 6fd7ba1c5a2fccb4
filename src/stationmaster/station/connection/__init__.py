"""The line to the CSMS."""
