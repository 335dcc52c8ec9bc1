"""The plugin host: manifest, hooks, loading, switching, calling and health of the modules.

A module is always loaded and off twice by default: the instance admits it, an agency turns it on.
It is switched by a row, without restart; off means that none of its addresses exists.
"""
