"""What ends the program with one clear line."""


class ConfigError(Exception):
    """Something the user can mend: a setting, a file, a run. Exit status 2."""


class DamagedError(ConfigError):
    """Something in the warehouse is not as it was written; nothing was changed."""
