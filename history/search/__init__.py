"""Search for agents: by part of a number, by name with accents and case aside, by case number, by a note's text.

`words` says what a word is, `query` what was asked, `index` keeps what can be found up to date within the recorder's
own transaction, `find` looks."""
