"""Assembly: settings, URLs, base templates, command line."""
