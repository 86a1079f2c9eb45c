"""Text that a model writes in, events out: thinking and tool calls, one small file for each format."""
