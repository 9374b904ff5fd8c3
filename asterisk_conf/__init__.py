"""Asterisk's side: its configuration and dialplan as templates, what they are made from (`site`), what writes them."""
