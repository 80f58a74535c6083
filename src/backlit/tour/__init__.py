"""The article that backlit grew out of, live: every figure is computed while you read.

`chapters` is the content; `terminal` and `page` are its two readers.
"""
