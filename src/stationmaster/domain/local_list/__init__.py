"""D Local authorization list."""
