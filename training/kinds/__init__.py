"""The kinds of conversation the corpus is made of, one small generator each."""
