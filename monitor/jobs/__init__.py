"""Shell: the walks, collect(), publish(), reclassify(): they call the stages in order, log, decide nothing.

collect:     fetch → parse → classify → store, and the look-ups that follow from it
publish:     store → group → digest → render → store → deliver
send:        store → deliver → store
archive:     store → archive → deliver
reclassify:  store → tune → store

Import each from its own module: a command then loads what it needs and no more.
"""
