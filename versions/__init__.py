"""Versions of the town. Each is immutable and named by what it holds; one of them is live; every node of every machine
follows the live one, and holds others for as long as calls need them."""
