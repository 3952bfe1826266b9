"""Compile the declarations into PostgreSQL: roles, column grants, row policies, and tell any drift."""

from egide.kernel.access.compiler.drift import drift
from egide.kernel.access.compiler.sync import sync

__all__ = ["drift", "sync"]
