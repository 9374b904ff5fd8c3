"""Where decisions are committed. `port` says what a store does; `memory` and `redis` do it; one contract suite holds both."""
