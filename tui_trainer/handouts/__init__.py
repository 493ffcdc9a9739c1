"""What a teacher gives out: documents, and their writers as text, Markdown and HTML; no screen."""
