"""What the history amounts to: each measure of the trade, defined once, with a version.

`tally` is what is counted, `definitions` what each measure makes of it, `asked` what a report is about. `counting`
counts in SQL, `recount` from the events themselves, for whoever doubts a figure. `report` puts a report together,
`writing` and `plot` show it."""
