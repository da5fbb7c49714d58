"""The model against real silicon that it was not fitted to.

May import everything but the command line and the page.
Start with `report.all_rows`, or the command ``validate``.
"""
