"""The call-flow language and its engine: load, check, advance. Pure: no socket, no clock, no database."""
