"""Asterisk behind the port: its AGI commands (`channel`), its manager interface (`ami`), its words and nobody
else's."""
