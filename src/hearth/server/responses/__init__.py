"""OpenAI's responses API: `/v1/responses` and the conversations that are kept for it."""
