"""The command line, the sample generator, publishing, and the dbt project's generated files."""

__version__ = "0.1.0"
