"""Strangers' bytes, made by the thousand: `make fuzz`, or `python -m tests.fuzz --help`.

`targets` says what must hold of every input, one function for each entry into the program; `seeds` has small
documents to begin with; `mutate` spoils them for the short run in tests/test_fuzz.py; `__main__` is the long
run, led by what code each input reaches (atheris).
"""
