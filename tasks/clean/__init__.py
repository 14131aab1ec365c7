"""RawDocument -> Article or Rejection: decode, extract, read the facts, take out the furniture."""
