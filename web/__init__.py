"""The web pages: what the house does now, for everybody in it, and nobody's personal data."""
