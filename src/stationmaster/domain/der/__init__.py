"""R Distributed energy resources: controls of inverters, and what they do (2.1)."""
