"""Screens: each declares its method and its one purpose, asks, and shows."""
