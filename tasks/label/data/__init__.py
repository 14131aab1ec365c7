"""The data files of labelling: names, their spellings, vocabulary of the rules, topics."""
