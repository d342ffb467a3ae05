"""Shapes of what a server sends (`log`) and takes (`bodies`), from its own registries."""
