"""Numbers for the desk: SQL kept as data (data/journeys/numbers.yml) over columns read once; CSV out.

`python -m journeys.numbers [name …] [--csv FOLDER]`; without a name it prints all.
"""
