"""A tiny write at a steady pace into every set that wants it: for how long could none be done?"""

from mongors.canary.canaries import Canaries

__all__ = ["Canaries"]
