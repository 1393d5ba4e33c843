"""Reads paper abstracts and pulls out every quantitative claim as a typed record."""

__version__ = "0.1.0"
