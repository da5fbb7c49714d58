"""Parameters: what a file under params/ may hold, and how it is found, read and checked.

May import `files`, `checks`, `quantities`, `errors`, and a limit that a law of `physics` sets; composes no formula.
Start with `library.load_node` and `library.load_design`; sets are `sets.load_set`, tables `silicon.read_silicon`.
"""
