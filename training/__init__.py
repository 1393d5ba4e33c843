"""Training of the claim model; not part of the package."""
