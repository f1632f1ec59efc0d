"""I/O: the methods of Store, a file for each kind of thing: they hold the transactions, and nothing else.

What is written and read stands in the modules of the same names beside this folder.
"""
