"""Text to sound. `engine` says what a speech engine does and `espeak` does it; `sound` makes any speech fit for the
telephone; `voice` keeps what was rendered."""
