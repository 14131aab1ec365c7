"""The work, one room per stage; the order of the rooms stands in tasks/pipeline.py."""
