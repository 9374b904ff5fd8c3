"""Ways in and out: cases and other facts looked up in systems outside (`lookups`), contacts told to them by signed
webhooks (`outbox`, written with the contact itself; `sender`, which delivers; `signing`)."""
