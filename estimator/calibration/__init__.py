"""Refits every fitted parameter from its sources; nothing here is read by the estimate itself."""
