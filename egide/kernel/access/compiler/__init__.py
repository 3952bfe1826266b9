"""Compile the declarations into PostgreSQL (roles, column grants, row policies), tell drift."""

from egide.kernel.access.compiler.drift import drift
from egide.kernel.access.compiler.sync import sync

__all__ = ["drift", "sync"]
