"""What an article is about: topics, and the people, organisations and places it names."""
