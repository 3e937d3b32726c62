"""The version of the package: that of the workspace in Cargo.toml (a test compares them)."""

__version__ = "0.1.0"
