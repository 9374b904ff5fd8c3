"""Names for content."""

import hashlib


def digest(*parts: str | bytes) -> str:
    """sha256 over the parts, which cannot run into each other."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        whole.update(len(data).to_bytes(8, "big") + data)
    return whole.hexdigest()
