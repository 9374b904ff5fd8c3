"""Where decisions are committed. `port` says what a store does; `memory` and `redis` do it; one suite holds both."""
