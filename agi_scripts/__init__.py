"""The scripts that Asterisk calls by URL: `agi://engine/inbound` runs inbound.run. One file each, thin."""
