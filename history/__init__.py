"""What happened, in SQL: people, their phones, their contacts. `recorder` writes, `lookup` answers during a call,
`reports` afterwards; `accounts` keeps who answers."""
