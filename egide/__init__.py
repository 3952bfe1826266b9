"""Égide: social-protection information systems whose legal conditions are executable."""
