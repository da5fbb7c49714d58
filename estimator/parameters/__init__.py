"""Parameters: what a file under params/ may hold (`schema`), and how it is found, read and checked (`library`).

May import `files`, `checks`, `quantities`, `errors`; knows no formula.
Start with `library.load_node` and `library.load_design`; tables are `sets.load_set` and `silicon.read_silicon`.
"""
