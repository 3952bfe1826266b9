"""Compile the declarations into PostgreSQL (roles, column grants, row policies), tell drift."""

from egide.kernel.access.compiler.drift import cautions, drift
from egide.kernel.access.compiler.sync import sync

__all__ = ["cautions", "drift", "sync"]
