"""The station's variables, monitors and settings."""
