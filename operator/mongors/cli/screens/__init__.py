"""What is shown, as lines. Pure: views in, lines out; nothing here prints."""
