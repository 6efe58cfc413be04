"""The Norwegian programme as data: JSON made by build.py from the tables in source/."""
