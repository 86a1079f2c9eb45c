"""The road of a request: open the model, render the prompt, run, read the output."""
