"""Virtual time: made-up callers and agents around the real router, and formulas that say how many agents it takes."""
