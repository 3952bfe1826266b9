"""The tests of Égide."""
