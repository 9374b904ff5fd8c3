"""Counting in SQL, one file for each kind of thing that is counted. Each gives tallies by key: what the question is
split by (a name, or the number of the hour or day from the beginning), or None where it is not split."""
