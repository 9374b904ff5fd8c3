"""What the rules of ivr/rules are made of: a flow as it can be looked at, its ways, and what is known on them."""
