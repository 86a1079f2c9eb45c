"""The commands, one module each: what a command is and what it does."""
