"""A made-up public service with its citizens, agents and calls: believable data for demos, tests and benchmarks.

`lives` draws what happens, `people` who calls, `rows` and `events` tell it, as the history keeps it and as the stream
brings it. The same seed gives the same data."""
