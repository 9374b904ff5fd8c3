"""Who waits, who answers, who rings for whom: pure decisions (`router`), and the store that commits them (`store`)."""
