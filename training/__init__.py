"""The school of the embedded model `guide`: corpus, tokenizer, training, export and examination."""
