"""What can go wrong with keys and with what they protect; each message is one line and holds no secret."""


class ProtectionError(Exception):
    """Any failure of this package; `str(error)` may be shown to whoever runs the service."""


class KeysMissingError(ProtectionError):
    """There are no keys: no file, or none were set for this process."""


class KeysExistError(ProtectionError):
    """A key file stands there already and is never written over."""


class KeysUnusableError(ProtectionError):
    """The keys are there but cannot be read, are not of the right shape, or cannot be changed."""


class UnknownKeyError(ProtectionError):
    """The value was written with a key this ring does not hold."""


class TamperedError(ProtectionError):
    """The value is not what was written: changed, cut short, or moved from another place."""
