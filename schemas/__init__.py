"""The records that flow through the house, its settings and its errors. No I/O here."""
